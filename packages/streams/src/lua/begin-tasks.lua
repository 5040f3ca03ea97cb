-- begin-tasks.lua: mark tasks as started by the caller, and tell what earlier deliveries left behind.
-- KEYS[1] epoch, [2] dead, [3] stream, [4] started marks, [5] in-flight index, [6] crash counters, [7] checkpoints.
-- ARGV[1] epoch, [2] incarnation, [3] group, [4] started at (ms), then for each entry: id, task key, attempt, '1' if alone.
-- Returns {'OK', one letter an entry: 'b' begun, 's' stale (not the current attempt, or done; the entry is gone) or 'l' lost
--   (not the caller's; untouched); then for each begun one of which there is something to tell: its number (from 1), crash
--   counters or '', checkpoint or ''}, or {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local ids, keys = {}, {}
for a = 5, #ARGV, 4 do
  ids[#ids + 1] = ARGV[a]
  keys[#keys + 1] = ARGV[a + 1]
end
local owned = pending_for(KEYS[3], ARGV[3], ARGV[2], ids)
local current = redis.call('HMGET', KEYS[5], unpack(keys))
-- Mostly nobody crashed or saved anything: to look up a hundred fields in what is not there takes Redis as long as any.
local function left_behind(index)
  return redis.call('EXISTS', index) == 1 and redis.call('HMGET', index, unpack(keys)) or {}
end
local crashes, checkpoints = left_behind(KEYS[6]), left_behind(KEYS[7])

local reply, letters, marks, stale = { 'OK', '' }, {}, {}, {}
for i, id in ipairs(ids) do
  local a = 5 + 4 * (i - 1)
  if not owned[id] then
    letters[i] = 'l'
  elseif current[i] ~= ARGV[a + 2] then
    letters[i] = 's'
    stale[#stale + 1] = id
  else
    letters[i] = 'b'
    marks[#marks + 1] = id
    marks[#marks + 1] = ARGV[2] .. '|' .. ARGV[a + 3] .. '|' .. ARGV[4]
    if crashes[i] or checkpoints[i] then
      reply[#reply + 1] = tostring(i)
      reply[#reply + 1] = crashes[i] or ''
      reply[#reply + 1] = checkpoints[i] or ''
    end
  end
end
if #marks > 0 then redis.call('HSET', KEYS[4], unpack(marks)) end
if #stale > 0 then redis.call('HDEL', KEYS[4], unpack(stale)) end
remove_entries(KEYS[3], ARGV[3], stale)
reply[2] = table.concat(letters)
return reply
