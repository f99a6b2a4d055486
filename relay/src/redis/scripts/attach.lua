-- A connection carries a session from now on; the one before hears of it. KEYS: session, answers.
-- ARGV: owner, the session's span in ms, what the names of relays' own channels begin with.
local found = redis.call('HMGET', KEYS[1], 'owner', 'settled')
redis.call('HSET', KEYS[1], 'owner', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if found[1] and found[1] ~= ARGV[1] then
  local relay, connection = string.match(found[1], '^(%S+)/(%d+)$')
  if relay then redis.call('PUBLISH', ARGV[3] .. relay, 'R ' .. connection) end
end
return { found[1] and 1 or 0, found[2] or '' }
