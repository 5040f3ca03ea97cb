-- complete-tasks.lua: hand over results and acknowledge their entries, each only if its attempt is still the caller's.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] started marks, [5] in-flight index, [6] results stream.
-- ARGV[1] epoch, [2] incarnation, [3] group, [4] agent type, then for each entry: id, task key, attempt, payload,
--   traceparent, tracestate or ''.
-- Returns {'OK', for each entry: 'completed' or 'lost' (not the caller's, superseded or done; no result is written)}, or
--   {'EPOCH'}, {'DEAD'}. An entry that is the caller's but superseded is removed: nothing will ever come of it.
local refused = refusal()
if refused then return { refused } end

local ids, keys = {}, {}
for a = 5, #ARGV, 6 do
  ids[#ids + 1] = ARGV[a]
  keys[#keys + 1] = ARGV[a + 1]
end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
local current = {}
for i, attempt in ipairs(redis.call('HMGET', KEYS[5], unpack(keys))) do current[keys[i]] = attempt end

local reply, removed, done = { 'OK' }, {}, {}
for i, id in ipairs(ids) do
  local a = 5 + 6 * (i - 1)
  local key, attempt = ARGV[a + 1], ARGV[a + 2]
  reply[i + 1] = 'lost'
  if owned[id] and current[key] == attempt then
    local entry = { 'v', '1', 't', 'result', 'k', key, 'a', attempt, 'g', ARGV[4], 'm', ARGV[a + 3], 'tp', ARGV[a + 4] }
    if ARGV[a + 5] ~= '' then
      entry[15] = 'ts'
      entry[16] = ARGV[a + 5]
    end
    redis.call('XADD', KEYS[6], '*', unpack(entry))
    current[key] = attempt .. ':done' -- the same task twice in one batch completes once
    done[#done + 1] = key
    done[#done + 1] = current[key]
    reply[i + 1] = 'completed'
  end
  if owned[id] then removed[#removed + 1] = id end
end
if #done > 0 then redis.call('HSET', KEYS[5], unpack(done)) end
if #removed > 0 then redis.call('HDEL', KEYS[4], unpack(removed)) end
remove_entries(KEYS[3], ARGV[3], removed)
return reply
