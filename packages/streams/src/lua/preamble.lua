-- preamble.lua: what the scripts share. The loader puts it before each of them.
-- KEYS[1] epoch, KEYS[2] dead set. ARGV[1] epoch expected by the caller, ARGV[2] its incarnation.

-- Why the caller may not write ('EPOCH', 'DEAD'), or nil if it may.
local function refusal()
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'EPOCH' end
  if redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 1 then return 'DEAD' end
  return nil
end

-- The table that JSON text stands for; an empty one if it stands for none.
local function decoded(json)
  local readable, value = pcall(cjson.decode, json)
  return readable and type(value) == 'table' and value or {}
end

-- Which of the entries are pending for the consumer: a set of ids; empty if stream or group are gone.
-- One range query answers for a batch that was read together; only what it leaves open is asked for one by one.
local function pending_for(stream, group, consumer, ids)
  local owned = {}
  if #ids == 0 then return owned end
  local found = redis.pcall('XPENDING', stream, group, ids[1], ids[#ids], #ids, consumer)
  if found.err then
    if string.find(found.err, 'NOGROUP', 1, true) then return owned end
    error(found.err)
  end
  for _, entry in ipairs(found) do owned[entry[1]] = true end
  for _, id in ipairs(ids) do
    if not owned[id] and #redis.call('XPENDING', stream, group, id, id, 1, consumer) == 1 then owned[id] = true end
  end
  return owned
end

-- Acknowledges and deletes the entries (whose ownership has been checked).
local function remove_entries(stream, group, ids)
  if #ids == 0 then return end
  redis.call('XACK', stream, group, unpack(ids))
  redis.call('XDEL', stream, unpack(ids))
end
