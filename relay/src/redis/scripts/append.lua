-- Gives a message the next offset and keeps it. Whoever calls publishes it next.
local function append(latest, data)
  local offset = digits(latest + 1)
  redis.call('HSET', meta, 'latest', offset)
  redis.call('XADD', log, offset .. '-' .. digits(now), 'd', data)
  redis.call('HINCRBY', meta, 'bytes', #data)
  trim()
  touch()
  return offset
end

