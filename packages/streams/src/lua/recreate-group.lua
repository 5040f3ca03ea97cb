-- recreate-group.lua: make sure that a consumer group exists, from the stream's beginning. If the stream itself was gone,
-- its work is too: fields of the in-flight index that stood for it are dropped, so that the sweeper publishes again.
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
if existed then return { 1, 0, 0 } end
if ARGV[3] == '' or redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 1, 1, 0 } end

local elsewhere = {}
for i = 3, 2 + others do
  for _, entry in ipairs(redis.call('XRANGE', KEYS[i], '-', '+')) do
    local fields = {}
    for f = 1, #entry[2], 2 do fields[entry[2][f]] = entry[2][f + 1] end
    local parsed, items = pcall(cjson.decode, fields.t == 'tasks' and fields.m or '')
    for _, task in ipairs(parsed and type(items) == 'table' and items or { fields }) do
      -- What no reader could read stands for no task.
      if type(task) == 'table' and type(task.k) == 'string' and tonumber(task.a) then
        elsewhere[task.k .. '|' .. task.a] = true
      end
    end
  end
end

local dropped = 0
for i = 3 + others, #KEYS do
  local fields = redis.call('HGETALL', KEYS[i])
  for f = 1, #fields, 2 do
    local is_done = string.find(fields[f + 1], ':done', 1, true) ~= nil
    if is_done == (ARGV[3] == 'done') and not elsewhere[fields[f] .. '|' .. fields[f + 1]] then
      redis.call('HDEL', KEYS[i], fields[f])
      dropped = dropped + 1
    end
  end
end
return { 1, 1, dropped }
