-- recreate-group.lua: make sure that a consumer group exists, from the stream's beginning. If it was gone, its stream may
-- have been deleted: fields of the in-flight index that no entry stands for are dropped, so that the sweeper publishes
-- again. Whether there is a stream says nothing: whoever added to it since has made it anew, without the group.
-- KEYS[1] epoch, [2] stream, then [ARGV[4]] other streams in which an open task can be, then in-flight indexes.
-- ARGV[1] epoch expected by the caller, [2] group, [3] which fields stood for the stream: 'open', 'done' or '' for none,
--   [4] number of other streams.
-- Returns {1 if the group was created, 1 if the stream was, fields dropped}. With another epoch no field is dropped.
local others = tonumber(ARGV[4])
local existed = redis.call('EXISTS', KEYS[2]) == 1

-- Looked up first, since a server out of memory refuses XGROUP CREATE even where there is nothing to create.
if existed then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[2])) do
    if group[2] == ARGV[2] then return { 0, 0, 0 } end
  end
end
redis.call('XGROUP', 'CREATE', KEYS[2], ARGV[2], '0', 'MKSTREAM')
local created = existed and 0 or 1
if ARGV[3] == '' or redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 1, created, 0 } end

-- What a field stands for: a task that is to be run, or the end of one; an entry carries one or a batch of them. A
-- checkpoint or a crash is neither, and what no reader could read stands for no task.
local ONE = ARGV[3] == 'open' and 'task' or 'dead-letter'
local MANY = ARGV[3] == 'open' and 'tasks' or 'results'
local function carried(fields)
  if fields.t == ONE then return { fields } end
  local parsed, items = pcall(cjson.decode, fields.t == MANY and fields.m or '')
  return parsed and type(items) == 'table' and items or {}
end

local present = {}
for i = 2, 2 + others do
  for _, entry in ipairs(redis.call('XRANGE', KEYS[i], '-', '+')) do
    local fields = {}
    for f = 1, #entry[2], 2 do fields[entry[2][f]] = entry[2][f + 1] end
    for _, task in ipairs(carried(fields)) do
      if type(task) == 'table' and type(task.k) == 'string' and tonumber(task.a) then
        present[task.k .. '|' .. task.a] = true
      end
    end
  end
end

local dropped = 0
for i = 3 + others, #KEYS do
  local fields = redis.call('HGETALL', KEYS[i])
  for f = 1, #fields, 2 do
    local attempt, done = string.match(fields[f + 1], '^(%d+)(.*)$')
    if (done == ':done') == (ARGV[3] == 'done') and not present[fields[f] .. '|' .. (attempt or '')] then
      redis.call('HDEL', KEYS[i], fields[f])
      dropped = dropped + 1
    end
  end
end
return { 1, created, dropped }
