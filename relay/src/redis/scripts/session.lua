-- What becomes of a publish that a session has settled before, or that an older connection of it sends.
local function settled(session, answers, owner, id)
  local found = redis.call('HMGET', session, 'owner', 'settled')
  if found[1] and found[1] ~= owner then return { 'replaced' } end
  if not found[2] then
    redis.call('DEL', answers)
  elseif tonumber(id) <= tonumber(found[2]) then
    local kept = redis.call('XRANGE', answers, id .. '-1', id .. '-1')[1]
    return kept and { 'again', kept[2][2] } or { 'forgotten' }
  end
end

-- The publish has its answer for ever.
local function settle(session, answers, owner, id, answer, count, span)
  redis.call('HSET', session, 'owner', owner, 'settled', id)
  redis.call('XADD', answers, 'MAXLEN', '=', count, id .. '-1', 'a', answer)
  redis.call('PEXPIRE', session, span)
  redis.call('PEXPIRE', answers, span)
end

