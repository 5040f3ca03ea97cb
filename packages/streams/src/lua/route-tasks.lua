-- route-tasks.lua: move tasks from the dispatch stream, where one entry carries many, to the streams of their groups, where
-- each is an entry of its own.
-- KEYS[1] epoch, [2] dead, [3] dispatch stream, then all target streams and in-flight indexes.
-- ARGV[1] epoch, [2] incarnation, [3] group, [4] number of entries, then their ids; then for each task: number of its entry
--   (from 1), number of the target's key, number of the index's key, task key, attempt, agent type, payload, traceparent,
--   tracestate or ''. All tasks of an entry that are to be routed come in one call, for the entry goes with them.
-- Returns {'OK', one letter a task: 'r' routed, 's' stale (not the current attempt; dropped) or 'l' lost (its entry is not
--   the caller's; untouched)}, or {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local ids = {}
for i = 1, tonumber(ARGV[4]) do ids[i] = ARGV[4 + i] end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
local first, stride = 5 + #ids, 9

local wanted, current = {}, {}
for a = first, #ARGV, stride do
  local index = ARGV[a + 2]
  wanted[index] = wanted[index] or {}
  table.insert(wanted[index], ARGV[a + 3])
end
for index, keys in pairs(wanted) do
  local attempts = redis.call('HMGET', KEYS[tonumber(index)], unpack(keys))
  local of_key = {}
  for i, key in ipairs(keys) do of_key[key] = attempts[i] end
  current[index] = of_key
end

local letters = {}
for a = first, #ARGV, stride do
  local letter = 'r'
  if not owned[ids[tonumber(ARGV[a])]] then
    letter = 'l'
  elseif current[ARGV[a + 2]][ARGV[a + 3]] ~= ARGV[a + 4] then
    letter = 's'
  else
    local fields = { 'v', '1', 't', 'task', 'k', ARGV[a + 3], 'a', ARGV[a + 4], 'g', ARGV[a + 5], 'm', ARGV[a + 6], 'tp', ARGV[a + 7] }
    if ARGV[a + 8] ~= '' then
      fields[15] = 'ts'
      fields[16] = ARGV[a + 8]
    end
    redis.call('XADD', KEYS[tonumber(ARGV[a + 1])], '*', unpack(fields))
  end
  letters[#letters + 1] = letter
end

local removed = {}
for _, id in ipairs(ids) do
  if owned[id] then removed[#removed + 1] = id end
end
remove_entries(KEYS[3], ARGV[3], removed)
return { 'OK', table.concat(letters) }
