-- announce-death.lua: close the file on an incarnation that is declared dead and whose connections are killed, and tell
-- everyone. It is called abandoned once more, because until they were killed its blocked reads went on taking entries.
-- KEYS[1] epoch, [2] dead, [3] incarnations, [4] heartbeats, [5] verdicts, [6] control stream, [7] abandoned consumers of its
--   group, if it has one.
-- ARGV[1] epoch, [2] incarnation of the caller, [3] dead incarnation, [4] control message as JSON.
-- Returns {'OK'}; {'GONE'} it was never declared dead; {'EPOCH'}, {'DEAD'}.
local refused = refusal()
if refused then return { refused } end
if redis.call('SISMEMBER', KEYS[2], ARGV[3]) == 0 then return { 'GONE' } end

if KEYS[7] then redis.call('SADD', KEYS[7], ARGV[3]) end
redis.call('HDEL', KEYS[3], ARGV[3])
redis.call('HDEL', KEYS[4], ARGV[3])
redis.call('XADD', KEYS[6], 'MAXLEN', '~', 1000, '*', 'm', ARGV[4])

-- Verdicts are kept for people and for claims that follow at once; so an old one, whichever, may go.
if redis.call('HLEN', KEYS[5]) > 1000 then redis.call('HDEL', KEYS[5], redis.call('HRANDFIELD', KEYS[5])) end
return { 'OK' }
