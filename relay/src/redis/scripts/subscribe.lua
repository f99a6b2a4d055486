-- How a channel stands for somebody who has a position, or none. ARGV from 9: epoch, offset (both empty: none), 1 for members.
local epoch, latest = open()
expire()
local floor = latest - trim()
touch()
local offset, recovered = latest, 1
if ARGV[9] ~= '' then
  local held = tonumber(ARGV[10])
  local good = latest
  if ARGV[9] ~= epoch then
    good = -1
    for was, upto in string.gmatch(redis.call('HGET', meta, 'was'), '(%S+):(%d+) ') do
      if was == ARGV[9] then good = tonumber(upto) end
    end
  end
  if held <= good then
    offset = math.max(held, floor)
    recovered = held >= floor and 1 or 0
  else
    offset, recovered = floor, 0
  end
end
local messages = {}
if offset < latest then
  for _, entry in ipairs(redis.call('XRANGE', log, digits(offset + 1) .. '-0', '+')) do
    messages[#messages + 1] = entry[2][2]
  end
end
return { epoch, digits(latest), digits(offset), recovered, changes(), messages, ARGV[11] == '1' and views() or {} }
