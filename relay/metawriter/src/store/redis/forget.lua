-- Removes the old minutes from one piece of a hash. All of a large one at once would keep everybody waiting.
--
-- KEYS[1]  a hash whose fields are minutes, or begin with one and a colon
-- ARGV[1]  the first minute that stays, in seconds since 1970
-- ARGV[2]  where to go on; 0 at first
-- Returns  where to go on, 0 at the end; and how many fields were removed

local FIELDS_AT_ONCE = 1000

local found = redis.pcall('HSCAN', KEYS[1], ARGV[2], 'COUNT', FIELDS_AT_ONCE)
if found.err then
  -- Somebody else's key of another type.
  if string.find(found.err, 'WRONGTYPE') then return {'0', 0} end
  return redis.error_reply(found.err)
end
local old = {}
for at = 1, #found[2], 2 do
  local field = found[2][at]
  local minute = string.match(field, '^(%d+)$') or string.match(field, '^(%d+):')
  if minute and tonumber(minute) < tonumber(ARGV[1]) then old[#old + 1] = field end
end
-- unpack puts its values on Lua's stack, which is bounded.
for at = 1, #old, FIELDS_AT_ONCE do
  redis.call('HDEL', KEYS[1], unpack(old, at, math.min(at + FIELDS_AT_ONCE - 1, #old)))
end
return {found[1], #old}
