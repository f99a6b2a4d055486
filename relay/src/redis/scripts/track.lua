-- A member is present. ARGV from 9: id, owner, its JSON before and after the version, its span in ms, how many may be there.
open()
expire()
local id, owner = ARGV[9], ARGV[10]
local it = member(id)
if not it then
  if redis.call('HLEN', members) >= tonumber(ARGV[14]) then return { 'full' } end
  it = { version = 1, owner = owner, before = ARGV[11], after = ARGV[12] }
  keep(id, it)
  tell('"joined":[' .. view(it) .. ']')
elseif it.before ~= ARGV[11] or it.after ~= ARGV[12] then
  it = { version = it.version + 1, owner = owner, before = ARGV[11], after = ARGV[12] }
  keep(id, it)
  tell('"updated":[' .. view(it) .. ']')
elseif it.owner ~= owner then
  it.owner = owner
  keep(id, it)
end
redis.call('ZADD', deadlines, digits(now + ARGV[13]), id)
touch()
return { 'present' }
