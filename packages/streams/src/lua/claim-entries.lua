-- claim-entries.lua: take over pending entries of consumers that are dead, and only of those.
-- A delivery that had started when its process died is reported to the engine as a crash, and charged to its task if the
-- process crashed by itself (one that merely stopped answering may be innocent, one that left gave its work back).
-- KEYS[1] epoch, [2] dead, [3] stream, [4] abandoned consumers of the group, [5] started marks, [6] verdicts, [7] results
--   stream, and for an agent group [8] in-flight index, [9] crash counters.
-- ARGV[1] epoch, [2] incarnation, [3] group, [4] most entries.
-- Returns {'OK', consumers still abandoned, entries as XCLAIM gives them, crashes as a flat list: entry id, dead
--   incarnation, '1' if charged}, or {'EPOCH'}, {'DEAD'}. Pending entries whose data is gone vanish on the way.
local refused = refusal()
if refused then return { refused } end

local stream, group, want = KEYS[3], ARGV[3], tonumber(ARGV[4])
local entries, crashes = {}, {}

-- All crashes and crashes alone so far. Without counters of our own the payload's are the start.
local function crash_counters(key, payload)
  local all, alone = string.match(redis.call('HGET', KEYS[9], key) or '', '^(%d+)|(%d+)$')
  if all then return tonumber(all), tonumber(alone) end
  local task = decoded(payload)
  return tonumber(task.crashes) or 0, tonumber(task.crashesAlone) or 0
end

-- A count as it is written: whole, and in digits whatever it was counted from.
local function count(number) return string.format('%d', math.max(0, math.min(number, 1000000))) end

local function verdict_kind(consumer)
  return decoded(redis.call('HGET', KEYS[6], consumer) or '').kind or 'frozen'
end

local function report_crash(id, fields, consumer, alone, started_at, charged)
  local task = {}
  for f = 1, #fields, 2 do task[fields[f]] = fields[f + 1] end
  if not task.k or not task.a or redis.call('HGET', KEYS[8], task.k) ~= task.a then return end
  if charged == '1' then
    local all, all_alone = crash_counters(task.k, task.m)
    redis.call('HSET', KEYS[9], task.k, count(all + 1) .. '|' .. count(all_alone + tonumber(alone)))
  end
  local entry = { 'v', '1', 't', 'crash', 'k', task.k, 'a', task.a, 'g', task.g or '', 'e', id, 'd', consumer, 'al', alone, 'ch', charged, 'st', started_at }
  for _, name in ipairs({ 'tp', 'ts' }) do
    if task[name] then
      entry[#entry + 1] = name
      entry[#entry + 1] = task[name]
    end
  end
  redis.call('XADD', KEYS[7], '*', unpack(entry))
  crashes[#crashes + 1] = id
  crashes[#crashes + 1] = consumer
  crashes[#crashes + 1] = charged
end

local function take_mark(id, consumer)
  local mark = redis.call('HGET', KEYS[5], id)
  if not mark then return nil end
  redis.call('HDEL', KEYS[5], id)
  local holder, alone, started_at = string.match(mark, '^(.*)|([01])|(%d*)$')
  if holder == consumer then return alone, started_at end
end

local function claim_from(consumer)
  local pending = redis.call('XPENDING', stream, group, '-', '+', want, consumer)
  local ids = {}
  for i, entry in ipairs(pending) do ids[i] = entry[1] end
  if #ids > 0 then
    local kind = verdict_kind(consumer)
    local fields_of = {}
    for _, entry in ipairs(redis.call('XCLAIM', stream, group, ARGV[2], 0, unpack(ids))) do
      entries[#entries + 1] = entry
      fields_of[entry[1]] = entry[2]
    end
    for _, id in ipairs(ids) do
      local alone, started_at = take_mark(id, consumer)
      if alone and KEYS[8] and fields_of[id] and kind ~= 'left' then
        report_crash(id, fields_of[id], consumer, alone, started_at, kind == 'crashed' and '1' or '0')
      end
    end
  end
  if #ids < want then redis.call('SREM', KEYS[4], consumer) end
  want = want - #ids
end

for _, consumer in ipairs(redis.call('SMEMBERS', KEYS[4])) do
  if want == 0 then break end
  if redis.call('SISMEMBER', KEYS[2], consumer) == 1 then claim_from(consumer) end
end
return { 'OK', redis.call('SCARD', KEYS[4]), entries, crashes }
