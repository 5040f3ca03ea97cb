-- say-goodbye.lua: an incarnation ends itself, or gives up an earlier life of its own. What it still holds may be claimed
-- at once and is charged to nobody. No epoch is needed: leaving is always possible.
-- KEYS[1] epoch, [2] dead, [3] incarnations, [4] heartbeats, [5] verdicts, [6] control stream, and if it is in a group [7]
--   abandoned consumers of the group, [8] stream.
-- ARGV[1] '', [2] incarnation, [3] verdict as JSON, [4] control message as JSON, [5] group or ''.
-- Returns {'OK', entries given back}.
local me = ARGV[2]
local held = 0
if KEYS[7] then
  local pending = redis.pcall('XPENDING', KEYS[8], ARGV[5], '-', '+', 1000, me)
  if not pending.err then held = #pending end
  if held > 0 then
    redis.call('SADD', KEYS[7], me)
  elseif not pending.err then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[8], ARGV[5], me)
    redis.call('SREM', KEYS[7], me)
  end
end
-- A verdict that others gave before stays: it decides whether crashes are charged.
if redis.call('SADD', KEYS[2], me) == 1 then redis.call('HSET', KEYS[5], me, ARGV[3]) end
redis.call('HDEL', KEYS[3], me)
redis.call('HDEL', KEYS[4], me)
redis.call('XADD', KEYS[6], 'MAXLEN', '~', 1000, '*', 'm', ARGV[4])
return { 'OK', held }
