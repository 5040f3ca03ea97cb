-- dead-letter-entries.lua: set entries aside that nobody can process: the engine keeps them, the stream loses them.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] started marks, [5] results stream, then in-flight indexes.
-- ARGV[1] epoch, [2] incarnation, [3] group, then for each entry: id, payload, number of its index's key or '0', agent
--   type, task key, attempt, traceparent, tracestate (each '' if unknown).
-- Returns {'OK', for each entry: 'dead-lettered', 'stale' (not the current attempt; the entry is gone, no dead letter) or
--   'lost' (not the caller's; untouched)}, or {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local ids = {}
for a = 4, #ARGV, 8 do ids[#ids + 1] = ARGV[a] end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
local NAMES = { 'm', false, 'g', 'k', 'a', 'tp', 'ts' }

local function set_aside(a)
  local index, key, attempt = KEYS[tonumber(ARGV[a + 2])], ARGV[a + 4], ARGV[a + 5]
  if index then
    if redis.call('HGET', index, key) ~= attempt then return 'stale' end
    redis.call('HSET', index, key, attempt .. ':done')
  end
  local entry = { 'v', '1', 't', 'dead-letter' }
  for offset, name in ipairs(NAMES) do
    if name and ARGV[a + offset] ~= '' then
      entry[#entry + 1] = name
      entry[#entry + 1] = ARGV[a + offset]
    end
  end
  redis.call('XADD', KEYS[5], '*', unpack(entry))
  return 'dead-lettered'
end

local reply, removed = { 'OK' }, {}
for i, id in ipairs(ids) do
  if owned[id] then
    reply[i + 1] = set_aside(4 + 8 * (i - 1))
    removed[#removed + 1] = id
  else
    reply[i + 1] = 'lost'
  end
end
if #removed > 0 then redis.call('HDEL', KEYS[4], unpack(removed)) end
remove_entries(KEYS[3], ARGV[3], removed)
return reply
