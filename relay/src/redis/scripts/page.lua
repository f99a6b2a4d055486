-- Kept messages, newest first. ARGV from 9: before which offset (empty: the newest), how many, how many bytes.
local epoch, latest = open()
trim()
touch()
local before = ARGV[9] ~= '' and math.min(tonumber(ARGV[9]), latest + 1) or latest + 1
local limit, room = tonumber(ARGV[10]), tonumber(ARGV[11])
local messages, bytes, more = {}, 0, 0
if before > 1 then
  local upto = '(' .. digits(before) .. '-0'
  for _, entry in ipairs(redis.call('XREVRANGE', log, upto, '-', 'COUNT', limit + 1)) do
    local data = entry[2][2]
    if #messages == 2 * limit or (bytes > 0 and bytes + #data > room) then
      more = 1
      break
    end
    bytes = bytes + #data
    messages[#messages + 1] = string.match(entry[1], '^%d+')
    messages[#messages + 1] = data
  end
end
return { epoch, more, messages }
