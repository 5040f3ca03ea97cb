-- begin-tasks.lua: mark tasks as started by the caller, and tell what earlier deliveries left behind.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] started marks, [5] in-flight index, [6] crash counters, [7] checkpoints.
-- ARGV[1] epoch, [2] incarnation, [3] group, [4] started at (ms), then for each entry: id, task key, attempt, '1' if alone.
-- Returns {'OK', for each entry three values: 'begun', crash counters or '', checkpoint or ''; or 'stale', '', '' (not the
--   current attempt, or done; the entry is gone); or 'lost', '', '' (not the caller's; untouched)}, or {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local ids = {}
for a = 5, #ARGV, 4 do ids[#ids + 1] = ARGV[a] end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)

local reply, stale = { 'OK' }, {}
for i, id in ipairs(ids) do
  local a = 5 + 4 * (i - 1)
  local key, attempt = ARGV[a + 1], ARGV[a + 2]
  local status, crashes, checkpoint = 'lost', '', ''
  if owned[id] and redis.call('HGET', KEYS[5], key) == attempt then
    redis.call('HSET', KEYS[4], id, ARGV[2] .. '|' .. ARGV[a + 3] .. '|' .. ARGV[4])
    status = 'begun'
    crashes = redis.call('HGET', KEYS[6], key) or ''
    checkpoint = redis.call('HGET', KEYS[7], key) or ''
  elseif owned[id] then
    status = 'stale'
    stale[#stale + 1] = id
    redis.call('HDEL', KEYS[4], id)
  end
  reply[3 * i - 1], reply[3 * i], reply[3 * i + 1] = status, crashes, checkpoint
end
remove_entries(KEYS[3], ARGV[3], stale)
return reply
