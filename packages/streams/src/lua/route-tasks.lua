-- route-tasks.lua: move tasks from the dispatch stream to the streams of their groups.
-- The entries' fields are copied here, so that payloads do not travel to the router and back once more.
-- KEYS[1] epoch, [2] dead, [3] dispatch stream, then all target streams and in-flight indexes.
-- ARGV[1] epoch, [2] incarnation, [3] group, then for each entry: id, number of the target's key, number of the index's
--   key, task key, attempt, traceparent.
-- Returns {'OK', for each entry: 'routed', 'stale' (not the current attempt; the entry is gone) or 'lost' (not the
--   caller's; untouched)}, or {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local ids = {}
for a = 4, #ARGV, 6 do ids[#ids + 1] = ARGV[a] end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)

local function route(a)
  local id, target, index = ARGV[a], KEYS[tonumber(ARGV[a + 1])], KEYS[tonumber(ARGV[a + 2])]
  if redis.call('HGET', index, ARGV[a + 3]) ~= ARGV[a + 4] then return 'stale' end
  local entry = redis.call('XRANGE', KEYS[3], id, id)[1]
  if not entry then
    -- Somebody deleted it: the task is in flight nowhere, and the sweeper is to find that out.
    redis.call('HDEL', index, ARGV[a + 3])
    return 'stale'
  end
  local fields = entry[2]
  for f = 1, #fields, 2 do
    if fields[f] == 'tp' then fields[f + 1] = ARGV[a + 5] end
  end
  redis.call('XADD', target, '*', unpack(fields))
  return 'routed'
end

local reply, removed = { 'OK' }, {}
for i, id in ipairs(ids) do
  if owned[id] then
    reply[i + 1] = route(4 + 6 * (i - 1))
    removed[#removed + 1] = id
  else
    reply[i + 1] = 'lost'
  end
end
remove_entries(KEYS[3], ARGV[3], removed)
return reply
