-- save-checkpoint.lua: keep a running task's progress for its next delivery, and pass it on to the engine.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] in-flight index, [5] checkpoints, [6] results stream.
-- ARGV[1] epoch, [2] incarnation, [3] group, [4] agent type, [5] entry id, [6] task key, [7] attempt, [8] sequence, [9] data,
--   [10] payload, [11] traceparent, [12] tracestate or ''.
-- Returns {'OK'} saved, or a newer one is there already; {'LOST'} not the caller's or not the current attempt; {'EPOCH'},
--   {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local key, attempt, sequence = ARGV[6], ARGV[7], tonumber(ARGV[8])
if not pending_for(KEYS[3], ARGV[3], ARGV[2], { ARGV[5] })[ARGV[5]] then return { 'LOST' } end
if redis.call('HGET', KEYS[4], key) ~= attempt then return { 'LOST' } end

local before = redis.call('HGET', KEYS[5], key)
if before then
  local a, s = string.match(before, '^(%d+)|(%d+)|')
  if a and (tonumber(a) > tonumber(attempt) or (a == attempt and tonumber(s) >= sequence)) then return { 'OK' } end
end
local entry = { 'v', '1', 't', 'checkpoint', 'k', key, 'a', attempt, 'g', ARGV[4], 'm', ARGV[10], 'tp', ARGV[11] }
if ARGV[12] ~= '' then
  entry[15] = 'ts'
  entry[16] = ARGV[12]
end
redis.call('XADD', KEYS[6], '*', unpack(entry))
redis.call('HSET', KEYS[5], key, attempt .. '|' .. sequence .. '|' .. ARGV[9])
return { 'OK' }
