-- drop-in-flight.lua: remove fields of an in-flight index that still have the value seen; their entries are dropped by
-- whoever meets them.
-- KEYS[1] epoch, [2] dead, [3] in-flight index, [4] crash counters, [5] checkpoints.
-- ARGV[1] epoch, [2] incarnation, then task key and value of each.
-- Returns {'OK', fields removed}, {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end
local removed = 0
for a = 3, #ARGV, 2 do
  if redis.call('HGET', KEYS[3], ARGV[a]) == ARGV[a + 1] then
    redis.call('HDEL', KEYS[3], ARGV[a])
    redis.call('HDEL', KEYS[4], ARGV[a])
    redis.call('HDEL', KEYS[5], ARGV[a])
    removed = removed + 1
  end
end
return { 'OK', removed }
