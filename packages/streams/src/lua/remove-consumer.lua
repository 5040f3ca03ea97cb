-- remove-consumer.lua: remove a consumer that nobody is behind, once it holds nothing (XGROUP DELCONSUMER would drop what it
-- holds). Registration comes before reading, so a consumer that is not registered has no process.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] incarnations, [5] abandoned consumers of the group.
-- ARGV[1] epoch, [2] incarnation of the caller, [3] group, [4] consumer.
-- Returns {'OK'}; {'HOLDS', pending entries, 1000 at most} it was called abandoned instead; {'LIVE'} it is registered;
--   {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end
local consumer = ARGV[4]
if redis.call('HEXISTS', KEYS[4], consumer) == 1 then return { 'LIVE' } end

redis.call('SADD', KEYS[2], consumer)
local pending = #redis.call('XPENDING', KEYS[3], ARGV[3], '-', '+', 1000, consumer)
if pending > 0 then
  redis.call('SADD', KEYS[5], consumer)
  return { 'HOLDS', pending }
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[3], ARGV[3], consumer)
redis.call('SREM', KEYS[5], consumer)
return { 'OK' }
