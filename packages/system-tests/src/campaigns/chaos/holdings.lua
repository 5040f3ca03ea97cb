-- holdings.lua: what one consumer of a group holds, and how much each of the others does, in one look.
-- KEYS[1] stream. ARGV[1] group, [2] consumer.
-- Returns {task keys and attempts of its entries in turn, consumers and numbers of their entries in turn}.
local held, counts = {}, {}
for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1000, ARGV[2])) do
  local entry = redis.call('XRANGE', KEYS[1], pending[1], pending[1])[1]
  local fields = {}
  for f = 1, entry and #entry[2] or 0, 2 do fields[entry[2][f]] = entry[2][f + 1] end
  if fields.k and fields.a then
    held[#held + 1] = fields.k
    held[#held + 1] = fields.a
  end
end
for _, of in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1])[4] or {}) do
  counts[#counts + 1] = of[1]
  counts[#counts + 1] = of[2]
end
return { held, counts }
