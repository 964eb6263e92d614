-- Removes the old minutes of one hash.
--
-- KEYS[1]  a hash whose fields are minutes, or begin with one and a colon
-- ARGV[1]  the first minute that stays, in seconds since 1970
-- Returns  how many fields were removed, and 1 where others are left

local FIELDS_AT_ONCE = 1000

local found = redis.pcall('HKEYS', KEYS[1])
-- Somebody else's key of another type.
if found.err then return {0, 1} end
local old = {}
for _, field in ipairs(found) do
  local minute = string.match(field, '^(%d+)$') or string.match(field, '^(%d+):')
  if minute and tonumber(minute) < tonumber(ARGV[1]) then old[#old + 1] = field end
end
-- unpack puts its values on Lua's stack, which is bounded.
for at = 1, #old, FIELDS_AT_ONCE do
  redis.call('HDEL', KEYS[1], unpack(old, at, math.min(at + FIELDS_AT_ONCE - 1, #old)))
end
return {#old, #found > #old and 1 or 0}
