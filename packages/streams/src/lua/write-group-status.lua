-- write-group-status.lua: replace what is published about all groups.
-- KEYS[1] epoch, [2] dead, [3] status of groups, [4] term. ARGV[1] epoch, [2] incarnation, [3] term of the leader, then group
--   and status as JSON of each.
-- Returns {'OK'}; {'SUPERSEDED'} there is a newer leader; {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end
local term = tonumber(redis.call('GET', KEYS[4]) or '0')
if tonumber(ARGV[3]) < term then return { 'SUPERSEDED' } end
if tonumber(ARGV[3]) > term then redis.call('SET', KEYS[4], ARGV[3]) end
redis.call('DEL', KEYS[3])
for a = 4, #ARGV, 2 do redis.call('HSET', KEYS[3], ARGV[a], ARGV[a + 1]) end
return { 'OK' }
