-- Applies one batch to Redis: all of it, or nothing.
--
-- KEYS[1]  position of the batch's source
-- ARGV[1]  epoch of the batch
-- ARGV[2]  sequence of the batch
-- ARGV[3]  the commands, as JSON; every number in it is a text, every list is flat:
--            counts  key, field, by
--            goals   key, field, by
--            works   key, remainder key, field, units of 2^32 hashes, hashes left over
--            sets    lists of key, member, member, ..
--            pushes  lists of key, value; or of key, value, set key, member, then the hashes and
--                    fields that count what is pushed
-- Returns  1 where it was applied, 0 where the source had come that far before
--
-- Redis does not undo what a failing script has written. So everything that could fail is looked at
-- first; refusals for the whole server (no memory, read-only, no disk) meet the first write.

local UNIT = 4294967296
local DIGITS_MAX = 18
local MEMBERS_AT_ONCE = 1000

local position_key, epoch, sequence = KEYS[1], ARGV[1], ARGV[2]
local commands = cjson.decode(ARGV[3])
local counts, goals, works = commands.counts, commands.goals, commands.works
local sets, pushes = commands.sets, commands.pushes
local bad

local function refuse(key, cause)
  bad = bad or ('BADKEY ' .. key .. ' ' .. cause)
end

-- Numbers of 64 bits: a double does not hold them, so their digits are compared.
local function is_above(left, right)
  if #left ~= #right then return #left > #right end
  return left > right
end

local function check_type(key, wanted)
  local found = redis.call('TYPE', key).ok
  if found ~= wanted and found ~= 'none' then
    refuse(key, 'holds a ' .. found .. ' instead of a ' .. wanted)
  end
end

local function read_field(key, field)
  local value = redis.pcall('HGET', key, field)
  if type(value) == 'table' then
    refuse(key, 'holds something else than a hash')
    return false
  end
  return value
end

local function check_count(key, field)
  local value = read_field(key, field)
  if value and (#value > DIGITS_MAX or not string.find(value, '^%d+$')) then
    refuse(key, 'holds in field ' .. field .. ' what is no count')
  end
  return value
end

-- 1. Is it new?
local stored = redis.pcall('GET', position_key)
if type(stored) == 'table' then
  refuse(position_key, 'holds something else than a string')
elseif stored then
  local stored_epoch, stored_sequence = string.match(stored, '^(%d+):(%d+)$')
  if not stored_epoch then
    refuse(position_key, 'holds no position')
  elseif is_above(stored_epoch, epoch)
    or (stored_epoch == epoch and not is_above(sequence, stored_sequence)) then
    return 0
  end
end

-- 2. Can all of it be applied?
for at = 1, #counts, 3 do check_count(counts[at], counts[at + 1]) end
for at = 1, #goals, 3 do
  local value = read_field(goals[at], goals[at + 1])
  if value and not tonumber(value) then
    refuse(goals[at], 'holds in field ' .. goals[at + 1] .. ' what is no number')
  end
end
local remainders = {}
for at = 1, #works, 5 do
  check_count(works[at], works[at + 2])
  local left = 0
  if works[at + 4] ~= '0' then
    left = tonumber(check_count(works[at + 1], works[at + 2]) or 0) or 0
    if left >= UNIT then refuse(works[at + 1], 'holds 2^32 hashes or more') end
  end
  remainders[at] = left
end
for _, set in ipairs(sets) do check_type(set[1], 'set') end
for _, push in ipairs(pushes) do
  check_type(push[1], 'list')
  if push[3] then check_type(push[3], 'set') end
  for at = 5, #push, 2 do check_count(push[at], push[at + 1]) end
end
if bad then return redis.error_reply(bad) end

-- 3. Apply. The position is the first write, so that a refusal leaves nothing behind.
redis.call('SET', position_key, epoch .. ':' .. sequence)
for at = 1, #counts, 3 do redis.call('HINCRBY', counts[at], counts[at + 1], counts[at + 2]) end
for at = 1, #goals, 3 do redis.call('HINCRBYFLOAT', goals[at], goals[at + 1], goals[at + 2]) end
for at = 1, #works, 5 do
  local key, remainder_key, field = works[at], works[at + 1], works[at + 2]
  local units, left = tonumber(works[at + 3]), remainders[at] + tonumber(works[at + 4])
  if left >= UNIT then
    units, left = units + 1, left - UNIT
  end
  if units > 0 then redis.call('HINCRBY', key, field, string.format('%.0f', units)) end
  if works[at + 4] ~= '0' then
    if left > 0 then
      redis.call('HSET', remainder_key, field, string.format('%.0f', left))
    else
      redis.call('HDEL', remainder_key, field)
    end
  end
end
for _, set in ipairs(sets) do
  -- unpack puts its values on Lua's stack, which is bounded.
  for at = 2, #set, MEMBERS_AT_ONCE do
    redis.call('SADD', set[1], unpack(set, at, math.min(at + MEMBERS_AT_ONCE - 1, #set)))
  end
end
for _, push in ipairs(pushes) do
  if not push[3] or redis.call('SADD', push[3], push[4]) == 1 then
    redis.call('RPUSH', push[1], push[2])
    for at = 5, #push, 2 do redis.call('HINCRBY', push[at], push[at + 1], '1') end
  end
end
return 1
