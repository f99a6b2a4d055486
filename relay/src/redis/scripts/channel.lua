-- What every script about a channel begins with.
-- KEYS 1 to 4: meta, log, members, deadlines. ARGV 1 to 8: the fan-out's name, the channel's name as JSON, the run of this
-- Redis, a fresh epoch, how many messages, for how many ms and in how many bytes the log keeps, for how many ms the keys live.
local meta, log, members, deadlines = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local live, name, run, fresh = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local size_limit, age_limit, bytes_limit = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local ttl = ARGV[8]

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function digits(number)
  return string.format('%.0f', number)
end

-- The channel's epoch and the offset of its last message; new if it is not known.
local function open()
  local found = redis.call('HMGET', meta, 'epoch', 'run', 'latest', 'was')
  local epoch, latest = found[1], tonumber(found[3])
  if not epoch then
    redis.call('DEL', log)
    redis.call('HSET', meta, 'epoch', fresh, 'run', run, 'latest', 0, 'bytes', 0, 'was', '')
    return fresh, 0
  end
  if found[2] ~= run then
    -- Another Redis wrote last. What it acknowledged at the end may be lost, and its offsets would be given again: from here
    -- on the numbering has another epoch, and only positions up to here are known to be good.
    local was = string.sub(epoch .. ':' .. digits(latest) .. ' ' .. found[4], 1, 256)
    redis.call('HSET', meta, 'epoch', fresh, 'run', run, 'was', string.match(was, '^.* ') or '')
    return fresh, latest
  end
  return epoch, latest
end

-- Forgets messages that are too old or too much.
local function trim()
  local count = redis.call('XLEN', log)
  local before = tonumber(redis.call('HGET', meta, 'bytes'))
  local bytes = count > 0 and before or 0
  while count > 0 do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
    local at = tonumber(string.match(oldest[1], '%d+$'))
    if count <= size_limit and bytes <= bytes_limit and now - at < age_limit then break end
    redis.call('XDEL', log, oldest[1])
    count = count - 1
    bytes = bytes - #oldest[2][2]
  end
  if bytes ~= before then redis.call('HSET', meta, 'bytes', digits(bytes)) end
  return count
end

-- The keys live on.
local function touch()
  for _, key in ipairs({ meta, log, members, deadlines }) do redis.call('PEXPIRE', key, ttl) end
end

-- Tells all relays of a change of presence.
local function tell(change)
  local at = redis.call('HINCRBY', meta, 'changes', 1)
  redis.call('PUBLISH', live, 'P ' .. at .. '\n{"type":"presence","channel":' .. name .. ',' .. change .. '}')
end

local function changes()
  return redis.call('HGET', meta, 'changes') or '0'
end

-- Members whose deadline is over leave, once.
local function expire()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', deadlines, '-inf', digits(now))) do
    redis.call('ZREM', deadlines, id)
    if redis.call('HDEL', members, id) == 1 then tell('"left":["' .. id .. '"]') end
  end
end

-- A member is kept as `version owner length\nbefore` .. `after`: its JSON is before .. version .. after.
local function parse(value)
  local version, owner, length, parts = string.match(value, '^(%d+) (%S+) (%d+)\n(.*)$')
  return { version = tonumber(version), owner = owner, before = string.sub(parts, 1, length),
    after = string.sub(parts, length + 1) }
end

local function member(id)
  local value = redis.call('HGET', members, id)
  return value and parse(value)
end

local function keep(id, it)
  redis.call('HSET', members, id, it.version .. ' ' .. it.owner .. ' ' .. #it.before .. '\n' .. it.before .. it.after)
end

local function view(it)
  return it.before .. it.version .. it.after
end

local function views()
  local list = {}
  for _, value in ipairs(redis.call('HVALS', members)) do list[#list + 1] = view(parse(value)) end
  return list
end

