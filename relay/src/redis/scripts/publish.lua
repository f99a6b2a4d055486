-- A client's publish: counts once, is kept, is answered and goes out, all or nothing.
-- KEYS 5, 6: session, answers. ARGV from 9: owner, id, origin, message, time, the channel's name, answers kept, the session's span.
local done = settled(KEYS[5], KEYS[6], ARGV[9], ARGV[10])
if done then return done end
local epoch, latest = open()
local offset = append(latest, ARGV[12])
settle(KEYS[5], KEYS[6], ARGV[9], ARGV[10],
  'p ' .. offset .. ' ' .. ARGV[13] .. ' ' .. epoch .. ' ' .. ARGV[14], ARGV[15], ARGV[16])
redis.call('PUBLISH', live, 'M ' .. offset .. ' ' .. epoch .. ' ' .. ARGV[11] .. '\n' .. ARGV[12])
return { 'fresh', offset, epoch }
