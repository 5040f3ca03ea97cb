-- dead-letter-entries.lua: set entries aside that nobody can process: the engine keeps them, the stream loses them.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] started marks, [5] results stream, then in-flight indexes.
-- ARGV[1] epoch, [2] incarnation, [3] group, then for each entry: id, '1' to remove it or '0' (only one task of the many that
--   it carries is set aside), payload, number of its index's key or '0', agent type, task key, attempt, traceparent,
--   tracestate (each '' if unknown).
-- Returns {'OK', for each entry: 'dead-lettered', 'stale' (not the current attempt; no dead letter, the entry goes all the
--   same) or 'lost' (not the caller's; untouched)}, or {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local ids = {}
for a = 4, #ARGV, 9 do ids[#ids + 1] = ARGV[a] end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
local NAMES = { 'm', false, 'g', 'k', 'a', 'tp', 'ts' }

local function set_aside(a)
  local index, key, attempt = KEYS[tonumber(ARGV[a + 3])], ARGV[a + 5], ARGV[a + 6]
  if index then
    if redis.call('HGET', index, key) ~= attempt then return 'stale' end
    redis.call('HSET', index, key, attempt .. ':done')
  end
  local entry = { 'v', '1', 't', 'dead-letter' }
  for offset, name in ipairs(NAMES) do
    if name and ARGV[a + 1 + offset] ~= '' then
      entry[#entry + 1] = name
      entry[#entry + 1] = ARGV[a + 1 + offset]
    end
  end
  redis.call('XADD', KEYS[5], '*', unpack(entry))
  return 'dead-lettered'
end

local reply, removed = { 'OK' }, {}
for i, id in ipairs(ids) do
  if owned[id] then
    local a = 4 + 9 * (i - 1)
    reply[i + 1] = set_aside(a)
    if ARGV[a + 1] == '1' then removed[#removed + 1] = id end
  else
    reply[i + 1] = 'lost'
  end
end
if #removed > 0 then redis.call('HDEL', KEYS[4], unpack(removed)) end
remove_entries(KEYS[3], ARGV[3], removed)
return reply
