-- publish-and-acknowledge.lua: publish tasks, settle what was recorded, acknowledge the input it came from; one step.
-- A task already in flight at this attempt or a newer one is not published again, so repeating changes nothing.
-- KEYS[1] epoch, [2] dead, [3] source stream, [4] dispatch stream, [5] events stream, then for each agent type:
--   in-flight index, crash counters, checkpoints.
-- ARGV[1] epoch, [2] incarnation, [3] source group, [4] number of source ids, [5] '1' to acknowledge them (else they are
--   only checked), [6] number settled, [7] number of tasks, [8] events as JSON or '', then
--   the source ids; settled: type number, task key, attempt; tasks: type number, agent type, task key, attempt,
--   capabilities, payload, traceparent, tracestate or ''.
-- Returns {'OK', tasks published, in flight of each type...}, {'LOST'} if any source entry is not the caller's,
--   {'EPOCH'}, {'DEAD'}; nothing is changed then.
local refused = refusal()
if refused then return { refused } end

local n_ids, n_settled, n_tasks = tonumber(ARGV[4]), tonumber(ARGV[6]), tonumber(ARGV[7])
local at = 9

local ids = {}
for i = 1, n_ids do ids[i] = ARGV[at + i - 1] end
at = at + n_ids
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
for _, id in ipairs(ids) do
  if not owned[id] then return { 'LOST' } end
end

local settled_at, tasks_at = at, at + 3 * n_settled

-- Publishing goes first: a server out of memory refuses XADD, and then the script fails before it has changed anything.
local published = 0
for i = 0, n_tasks - 1 do
  local a = tasks_at + 8 * i
  local index, key, attempt = KEYS[3 + 3 * tonumber(ARGV[a])], ARGV[a + 2], ARGV[a + 3]
  local known = redis.call('HGET', index, key)
  -- What is no attempt is none: it must not hold up the batch for ever.
  if not known or tonumber(string.match(known, '^%d+') or 0) < tonumber(attempt) then
    local entry = { 'v', '1', 't', 'task', 'k', key, 'a', attempt, 'g', ARGV[a + 1], 'c', ARGV[a + 4], 'm', ARGV[a + 5], 'tp', ARGV[a + 6] }
    if ARGV[a + 7] ~= '' then
      entry[17] = 'ts'
      entry[18] = ARGV[a + 7]
    end
    redis.call('XADD', KEYS[4], '*', unpack(entry))
    redis.call('HSET', index, key, attempt)
    published = published + 1
  end
end

for i = 0, n_settled - 1 do
  local a = settled_at + 3 * i
  local first, key, attempt = 3 + 3 * tonumber(ARGV[a]), ARGV[a + 1], ARGV[a + 2]
  local known = redis.call('HGET', KEYS[first], key)
  if known == attempt or known == attempt .. ':done' then
    redis.call('HDEL', KEYS[first], key)
    redis.call('HDEL', KEYS[first + 1], key)
    redis.call('HDEL', KEYS[first + 2], key)
  end
end

if ARGV[8] ~= '' then redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'v', '1', 'm', ARGV[8]) end
if ARGV[5] == '1' then remove_entries(KEYS[3], ARGV[3], ids) end

local reply = { 'OK', published }
for first = 6, #KEYS, 3 do reply[#reply + 1] = redis.call('HLEN', KEYS[first]) end
return reply
