-- A publish on the server's own account. ARGV from 9: origin, message.
local epoch, latest = open()
local offset = append(latest, ARGV[10])
redis.call('PUBLISH', live, 'M ' .. offset .. ' ' .. epoch .. ' ' .. ARGV[9] .. '\n' .. ARGV[10])
return { 'fresh', offset, epoch }
