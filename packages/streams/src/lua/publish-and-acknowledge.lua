-- publish-and-acknowledge.lua: publish tasks, settle what was recorded, acknowledge the input it came from; one step.
-- A task already in flight at this attempt or a newer one is not published again, so repeating changes nothing.
-- KEYS[1] epoch, [2] dead, [3] source stream, [4] dispatch stream, [5] events stream, then for each agent type:
--   in-flight index, crash counters, checkpoints.
-- ARGV[1] epoch, [2] incarnation, [3] source group, [4] number of source ids, [5] '1' to acknowledge them (else they are
--   only checked), [6] events as JSON or '', then the source ids; then for each agent type, in the order of the keys: number
--   settled, number of tasks, settled: task key, attempt; tasks: task key, attempt, JSON of the task as it is published.
-- Returns {'OK', tasks published, in flight of each type...}, {'LOST'} if any source entry is not the caller's,
--   {'EPOCH'}, {'DEAD'}; nothing is changed then.
local refused = refusal()
if refused then return { refused } end

local at = 7
local ids = {}
for i = 1, tonumber(ARGV[4]) do ids[i] = ARGV[at + i - 1] end
at = at + #ids
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
for _, id in ipairs(ids) do
  if not owned[id] then return { 'LOST' } end
end

-- What a type's index knows of the tasks named from here on; where they end.
local function known_from(index, first, count, stride)
  if count == 0 then return {} end
  local keys = {}
  for i = 1, count do keys[i] = ARGV[first + stride * (i - 1)] end
  return redis.call('HMGET', index, unpack(keys))
end

local published, changes = {}, {}
for k = 6, #KEYS, 3 do
  local n_settled, n_tasks = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local settled_at, tasks_at = at + 2, at + 2 + 2 * n_settled
  at = tasks_at + 3 * n_tasks
  local newest, over, fresh = {}, {}, {}
  for i, known in ipairs(known_from(KEYS[k], tasks_at, n_tasks, 3)) do
    local a = tasks_at + 3 * (i - 1)
    known = newest[ARGV[a]] or known
    if not known or tonumber(string.match(known, '^%d+') or 0) < tonumber(ARGV[a + 1]) then
      newest[ARGV[a]] = ARGV[a + 1]
      fresh[#fresh + 1] = ARGV[a]
      fresh[#fresh + 1] = ARGV[a + 1]
      published[#published + 1] = ARGV[a + 2]
    end
  end
  for i, known in ipairs(known_from(KEYS[k], settled_at, n_settled, 2)) do
    local key, attempt = ARGV[settled_at + 2 * (i - 1)], ARGV[settled_at + 2 * i - 1]
    known = newest[key] or known -- a retry published here keeps its crashes and checkpoint
    if known == attempt or known == attempt .. ':done' then over[#over + 1] = key end
  end
  changes[k] = { over = over, fresh = fresh }
end

-- Publishing goes first: a server out of memory refuses XADD, and then the script fails before it has changed anything.
if #published > 0 then
  redis.call('XADD', KEYS[4], '*', 'v', '1', 't', 'tasks', 'm', '[' .. table.concat(published, ',') .. ']')
end
local reply = { 'OK', #published }
for k = 6, #KEYS, 3 do
  local change = changes[k]
  if #change.over > 0 then
    for offset = 0, 2 do
      if redis.call('EXISTS', KEYS[k + offset]) == 1 then redis.call('HDEL', KEYS[k + offset], unpack(change.over)) end
    end
  end
  if #change.fresh > 0 then redis.call('HSET', KEYS[k], unpack(change.fresh)) end
  reply[#reply + 1] = redis.call('HLEN', KEYS[k])
end

if ARGV[6] ~= '' then redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'v', '1', 'm', ARGV[6]) end
if ARGV[5] == '1' then remove_entries(KEYS[3], ARGV[3], ids) end
return reply
