-- complete-tasks.lua: hand over results, all in one entry, and acknowledge the tasks' entries; each only if its attempt is
-- still the caller's.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] started marks, [5] in-flight index, [6] results stream.
-- ARGV[1] epoch, [2] incarnation, [3] group, [4] agent type, [5] agent id, then for each entry: id, task key, attempt, JSON of the result as it is handed
--   over.
-- Returns {'OK', one letter an entry: 'c' completed or 'l' lost (not the caller's, superseded or done; no result is
--   written)}, or {'EPOCH'}, {'DEAD'}. An entry that is the caller's but superseded is removed: nothing will ever come of it.
local refused = refusal()
if refused then return { refused } end

local ids, keys = {}, {}
for a = 6, #ARGV, 4 do
  ids[#ids + 1] = ARGV[a]
  keys[#keys + 1] = ARGV[a + 1]
end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
local current = {}
for i, attempt in ipairs(redis.call('HMGET', KEYS[5], unpack(keys))) do current[keys[i]] = attempt end

local letters, results, removed, done = {}, {}, {}, {}
for i, id in ipairs(ids) do
  local a = 6 + 4 * (i - 1)
  local key, attempt = ARGV[a + 1], ARGV[a + 2]
  letters[i] = 'l'
  if owned[id] then
    removed[#removed + 1] = id
    if current[key] == attempt then
      results[#results + 1] = ARGV[a + 3]
      current[key] = attempt .. ':done' -- the same task twice in one batch completes once
      done[#done + 1] = key
      done[#done + 1] = current[key]
      letters[i] = 'c'
    end
  end
end
if #results > 0 then
  local json = '[' .. table.concat(results, ',') .. ']'
  redis.call('XADD', KEYS[6], '*', 'v', '1', 't', 'results', 'g', ARGV[4], 'i', ARGV[2], 'n', ARGV[5], 'm', json)
  redis.call('HSET', KEYS[5], unpack(done))
end
if #removed > 0 then redis.call('HDEL', KEYS[4], unpack(removed)) end
remove_entries(KEYS[3], ARGV[3], removed)
return { 'OK', table.concat(letters) }
