-- Sessions that this relay carries live on. KEYS: session, answers, and so on. ARGV: span in ms, then the owner of each.
-- Returns the owners that another one has taken over from.
local lost = {}
for index = 2, #ARGV do
  local session, answers, owner = KEYS[2 * index - 3], KEYS[2 * index - 2], ARGV[index]
  local found = redis.call('HGET', session, 'owner')
  if not found or found == owner then
    redis.call('HSET', session, 'owner', owner)
    redis.call('PEXPIRE', session, ARGV[1])
    redis.call('PEXPIRE', answers, ARGV[1])
  else
    lost[#lost + 1] = owner
  end
end
return lost
