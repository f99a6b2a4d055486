-- Looks after a channel that somebody listens to: who is overdue leaves, the relay's own members stay.
-- ARGV from 9: their span in ms, then id and owner of each. Returns how the channel stands, and which of them are not there.
local epoch, latest = open()
expire()
touch()
local missing = {}
for index = 10, #ARGV, 2 do
  local it = member(ARGV[index])
  if not it then
    missing[#missing + 1] = ARGV[index]
  elseif it.owner == ARGV[index + 1] then
    redis.call('ZADD', deadlines, digits(now + ARGV[9]), ARGV[index])
  end
end
return { epoch, digits(latest), changes(), missing }
