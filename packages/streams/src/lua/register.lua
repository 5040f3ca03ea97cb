-- register.lua: enter an incarnation in the registry, or bring its entry up to date. No epoch is needed: members come
-- before the first workflow.
-- KEYS[1] epoch, [2] dead, [3] incarnations, [4] heartbeats. ARGV[1] '', [2] incarnation, [3] registration as JSON, [4] its
--   first heartbeat as JSON for a new incarnation, '' for an update.
-- Returns {'OK', epoch or ''}; {'UNKNOWN', epoch or ''} nothing to bring up to date: Redis has lost its data; {'DEAD'}.
if redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 1 then return { 'DEAD' } end
local epoch = redis.call('GET', KEYS[1]) or ''
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[2], ARGV[4])
elseif redis.call('HEXISTS', KEYS[3], ARGV[2]) == 0 then
  return { 'UNKNOWN', epoch }
end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
return { 'OK', epoch }
