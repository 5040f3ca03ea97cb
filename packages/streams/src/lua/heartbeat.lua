-- heartbeat.lua: one beat. Tells the member on the way whether Redis is still the one it knows.
-- KEYS[1] epoch, [2] dead, [3] incarnations, [4] heartbeats, [5] onlookers, [6] abandoned consumers of its group.
-- ARGV[1] '', [2] incarnation, [3] heartbeat as JSON.
-- Returns {'OK', epoch or '', number of abandoned consumers, 1 if somebody follows the events}; {'UNKNOWN', epoch or '', 0, 0}
--   the registry lacks it: Redis has lost its data; {'DEAD', epoch or '', 0, 0}.
local epoch = redis.call('GET', KEYS[1]) or ''
if redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 1 then return { 'DEAD', epoch, 0, 0 } end
if redis.call('HEXISTS', KEYS[3], ARGV[2]) == 0 then return { 'UNKNOWN', epoch, 0, 0 } end
redis.call('HSET', KEYS[4], ARGV[2], ARGV[3])
return { 'OK', epoch, redis.call('SCARD', KEYS[6]), redis.call('EXISTS', KEYS[5]) }
