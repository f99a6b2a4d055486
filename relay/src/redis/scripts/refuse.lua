-- A publish that is refused for good. KEYS: session, answers. ARGV: owner, id, the refusal, answers kept, the session's span.
local done = settled(KEYS[1], KEYS[2], ARGV[1], ARGV[2])
if done then return done end
settle(KEYS[1], KEYS[2], ARGV[1], ARGV[2], 'r ' .. ARGV[3], ARGV[4], ARGV[5])
return { 'fresh' }
