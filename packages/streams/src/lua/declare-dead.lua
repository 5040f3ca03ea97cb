-- declare-dead.lua: fence an incarnation off. From here on every script refuses it and its entries may be claimed.
-- The verdict counts only while its evidence still stands. Killing its connections and announce-death.lua come next.
-- KEYS[1] epoch, [2] dead, [3] incarnations, [4] heartbeats, [5] verdicts, [6] term, [7] abandoned consumers of its group, if
--   it has one.
-- ARGV[1] epoch, [2] incarnation of the judge, [3] incarnation judged, [4] its connections in the evidence, comma-separated,
--   [5] its heartbeat counter in the evidence, [6] verdict as JSON, [7] term of the leader or '' between peers.
-- Returns {'OK'}; {'CHANGED'} its connections or heartbeat are not those of the evidence; {'GONE'} it is not registered;
--   {'SUPERSEDED'} there is a newer leader; {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end

local judged = ARGV[3]
if ARGV[7] ~= '' then
  local term = tonumber(redis.call('GET', KEYS[6]) or '0')
  if tonumber(ARGV[7]) < term then return { 'SUPERSEDED' } end
  if tonumber(ARGV[7]) > term then redis.call('SET', KEYS[6], ARGV[7]) end
end
local registration, heartbeat = redis.call('HGET', KEYS[3], judged), redis.call('HGET', KEYS[4], judged)
if not registration then return { 'GONE' } end
local listed, connections = pcall(table.concat, decoded(registration).connections or {}, ',')
if not listed or connections ~= ARGV[4] then return { 'CHANGED' } end
-- A heartbeat that cannot be read counts as none, here and for the judge.
local counter = decoded(heartbeat or '').counter
if type(counter) ~= 'number' or counter < 0 or counter % 1 ~= 0 or counter > 9007199254740991 then counter = 0 end
if counter ~= tonumber(ARGV[5]) then return { 'CHANGED' } end

redis.call('SADD', KEYS[2], judged)
redis.call('HSET', KEYS[5], judged, ARGV[6])
if KEYS[7] then redis.call('SADD', KEYS[7], judged) end
return { 'OK' }
