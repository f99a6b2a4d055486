-- A member goes, or its connection dropped. ARGV from 9: id, owner, how many ms it stays (empty: it goes now).
open()
expire()
local id, owner, grace = ARGV[9], ARGV[10], ARGV[11]
local it = member(id)
if not it then return 0 end
if grace ~= '' then
  if it.owner ~= owner then return 0 end
  it.owner = '-'
  keep(id, it)
  redis.call('ZADD', deadlines, digits(now + grace), id)
elseif it.owner == owner or it.owner == '-' then
  redis.call('ZREM', deadlines, id)
  redis.call('HDEL', members, id)
  tell('"left":["' .. id .. '"]')
end
touch()
return 1
