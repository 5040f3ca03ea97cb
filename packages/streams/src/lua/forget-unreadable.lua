-- forget-unreadable.lua: remove registrations that nobody can read. Their processes, if there are any, find themselves
-- forgotten and register anew; what their consumers hold is found like that of any consumer without a process.
-- KEYS[1] epoch, [2] dead, [3] incarnations, [4] heartbeats. ARGV[1] epoch, [2] incarnation of the caller, then field and
--   value of each that the caller could not read.
-- Returns {'OK', registrations removed}, {'EPOCH'}, {'DEAD'}. Goes over all that name another incarnation than their field
-- does, since a name that is no text cannot be passed here.
local refused = refusal()
if refused then return { refused } end

local unreadable = {}
for a = 3, #ARGV, 2 do unreadable[ARGV[a]] = ARGV[a + 1] end
local removed = 0
local all = redis.call('HGETALL', KEYS[3])
for f = 1, #all, 2 do
  if all[f + 1] == unreadable[all[f]] or decoded(all[f + 1]).incarnation ~= all[f] then
    redis.call('HDEL', KEYS[3], all[f])
    redis.call('HDEL', KEYS[4], all[f])
    removed = removed + 1
  end
end
return { 'OK', removed }
