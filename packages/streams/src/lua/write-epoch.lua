-- write-epoch.lua: set the epoch if it is still the expected one.
-- KEYS[1] epoch. ARGV[1] expected epoch, '' for none, [2] next epoch.
-- Returns 1 written, 0 another one is there.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
