-- set-misplaced-aside.lua: where something stands under one of our names that is of another type, every command fails for
-- ever. It is kept under another name, and what belongs there is made anew by whoever misses it. No epoch is needed: its
-- key may be one of them.
-- KEYS the keys to look at. ARGV the type of each, as TYPE calls it.
-- Returns the keys that were renamed, to themselves with ':misplaced'.
local moved = {}
for i, key in ipairs(KEYS) do
  local found = redis.call('TYPE', key).ok
  if found ~= 'none' and found ~= ARGV[i] then
    redis.call('RENAME', key, key .. ':misplaced')
    moved[#moved + 1] = key
  end
end
return moved
