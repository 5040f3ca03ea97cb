-- look-at-group.lua: a consumer group and its stream in one look, so that the numbers belong together. Writes nothing.
-- Redis estimates the lag where entries were deleted. Where the estimate does not fit the length, undelivered entries are
-- counted, a thousand at most: who is told of a missing entry must be able to trust it.
-- KEYS[1] stream. ARGV[1] group.
-- Returns length, pending, lag and entries read (-1: not known), and what all consumers hold; nothing if there is no such
-- group.
local COUNTED = 1000

local function fields(flat)
  local record = {}
  for i = 1, #flat, 2 do
    record[flat[i]] = flat[i + 1]
  end
  return record
end

local function number(value)
  return type(value) == 'number' and value or -1
end

local function lag_of(group, length)
  local estimate = number(group['lag'])
  if estimate >= 0 and group['pending'] + estimate == length then
    return estimate
  end
  local waiting = #redis.call('XRANGE', KEYS[1], '(' .. group['last-delivered-id'], '+', 'COUNT', COUNTED)
  return waiting < COUNTED and waiting or -1
end

if redis.call('TYPE', KEYS[1]).ok ~= 'stream' then
  return {}
end
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = fields(flat)
  if group['name'] == ARGV[1] then
    local length, held = redis.call('XLEN', KEYS[1]), 0
    for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
      held = held + fields(consumer)['pending']
    end
    return {length, group['pending'], lag_of(group, length), number(group['entries-read']), held}
  end
end
return {}
