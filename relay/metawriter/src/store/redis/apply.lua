-- Applies one batch to Redis: all of it, or nothing.
--
-- KEYS[1]  the numbers of the batches of this source that are applied
-- KEYS[2]  and on: in a cluster every other key that is touched, so that a slot on the move is told from one that stays
-- ARGV[1]  epoch of the batch
-- ARGV[2]  sequence of the batch; both are below 2^53, so a double holds them
-- ARGV[3]  batches of this epoch that are applied in all slots of a cluster, as ranges
-- ARGV[4]  the commands, as JSON; every number in it is a text, every list is flat:
--            counts  key, field, by
--            goals   key, field, by
--            works   key, remainder key, field, units of 2^32 hashes, hashes left over
--            details key, minute, goal or 0, best difficulty or 0
--            sets    lists of key, member, member, ..
--            pushes  lists of key, value; or of key, value, set key, member
--            onces   lists of key, field, set key, member
-- ARGV[5]  ranges of one epoch at most
-- ARGV[6]  epochs of the source at most
-- ARGV[7]  1 where replicas are waited for afterwards
-- Returns  1 where it was applied, 0 where it had been before, 2 where it is older than what is remembered
--
-- Redis does not undo what a failing script has written. So what could fail is looked at first, but for the
-- counts: they are most of a batch, and looking at each would take as long again. They come first, and where one
-- cannot be added to, those before it are taken back. Refusals for the whole server (no memory, read-only, no
-- disk) meet the first write; what the user may not write is asked before it.

local UNIT = 4294967296
local DIGITS_MAX = 18
local NUMBER_BYTES_MAX = 255
-- As in the crate relay-core, command.rs.
local STORED_COUNT_END = 1e18
local MEMBERS_AT_ONCE = 1000
local APPLIED, REPEATED, TOO_OLD = 1, 0, 2

local applied_key, epoch, sequence = KEYS[1], ARGV[1], tonumber(ARGV[2])
local ranges_of_all_slots = ARGV[3]
local commands = cjson.decode(ARGV[4])
local ranges_max, epochs_max = tonumber(ARGV[5]), tonumber(ARGV[6])
local counts, goals, works = commands.counts, commands.goals, commands.works
local details, sets = commands.details, commands.sets
local pushes, onces = commands.pushes, commands.onces
-- The first thing that stands against the batch.
local refusal

local function refuse(key, cause)
  refusal = refusal or ('BADKEY ' .. key .. ' ' .. cause)
end

local function refuse_for(key, failure)
  if string.find(failure, 'WRONGTYPE') then
    refuse(key, 'holds something else than a hash')
  else
    refusal = refusal or failure
  end
end

-- Whether the user may write so; since version 7 Redis tells without doing it.
local asked = {}
local function check_right(command, key, ...)
  if not redis.acl_check_cmd or asked[command .. key] then return end
  asked[command .. key] = true
  if not redis.acl_check_cmd(command, key, ...) then
    refusal = refusal or ('NOPERM it may not run ' .. command .. ' on ' .. key)
  end
end

-- What HINCRBYFLOAT takes. Lua would read spaces, hexadecimal and infinity, too.
local function is_number(value)
  local exponent = string.match(value, '^%-?%d+%.?%d*(.*)$')
  if not exponent or #value > NUMBER_BYTES_MAX then return false end
  if exponent ~= '' and not string.find(exponent, '^[eE][+%-]?%d%d?%d?$') then return false end
  return math.abs(tonumber(value)) < math.huge
end

-- A number as text, without an exponent.
local function text(number)
  return string.format('%.0f', number)
end

-- First and last numbers of ranges that do not touch, the lowest first: all that are in the text.
local function united(ranges)
  local found, first, last = {}, {}, {}
  for low, high in string.gmatch(ranges, '(%d+)-(%d+)') do
    found[#found + 1] = {tonumber(low), tonumber(high)}
  end
  table.sort(found, function(one, other) return one[1] < other[1] end)
  for _, range in ipairs(found) do
    if #first > 0 and range[1] <= last[#last] + 1 then
      last[#last] = math.max(last[#last], range[2])
    else
      first[#first + 1], last[#last + 1] = range[1], range[2]
    end
  end
  return first, last
end

-- The ranges with one number more; nil where it is in them, and whether nobody knows if it was applied.
local function with_number(ranges, number)
  local first, last = united(ranges)
  local at = 1
  while at <= #first and last[at] < number do at = at + 1 end
  if at <= #first and first[at] <= number then return nil, first[at] == 0 end
  local follows = at > 1 and last[at - 1] + 1 == number
  local precedes = at <= #first and number + 1 == first[at]
  if follows and precedes then
    last[at - 1] = last[at]
    table.remove(first, at)
    table.remove(last, at)
  elseif follows then
    last[at - 1] = number
  elseif precedes then
    first[at] = number
  else
    table.insert(first, at, number)
    table.insert(last, at, number)
  end
  if #first > ranges_max then
    -- Numbers count from 1: a range from zero on is one of which not all are known to be applied.
    first[1], last[1] = 0, last[2]
    table.remove(first, 2)
    table.remove(last, 2)
  end
  local parts = {}
  for index = 1, #first do parts[index] = text(first[index]) .. '-' .. text(last[index]) end
  return table.concat(parts, ',')
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
    refuse_for(key, value.err)
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

-- Adds to a count; where that is not possible it changes nothing and says why.
local function add(key, field, by)
  local sum = redis.pcall('HINCRBY', key, field, by)
  if type(sum) == 'table' then
    if string.find(sum.err, 'WRONGTYPE') then
      return 'BADKEY ' .. key .. ' holds something else than a hash'
    elseif not string.find(sum.err, 'integer') and not string.find(sum.err, 'overflow') then
      return sum.err
    end
  elseif sum >= tonumber(by) and sum - tonumber(by) < STORED_COUNT_END then
    return nil
  else
    redis.call('HINCRBY', key, field, '-' .. by)
  end
  return 'BADKEY ' .. key .. ' holds in field ' .. field .. ' what is no count'
end

local function take_back(key, field, by)
  -- What was added to holds zero only where it was not there before.
  if redis.call('HINCRBY', key, field, '-' .. by) == 0 then redis.call('HDEL', key, field) end
end

-- 1. Is it new?
local ranges_before = read_field(applied_key, epoch)
local ranges = ranges_before
local oldest
if ranges and not string.find(ranges, '^%d+%-%d+[%d,%-]*$') then
  refuse(applied_key, 'holds in field ' .. epoch .. ' what is no list of batches')
elseif not ranges and not refusal and redis.call('HLEN', applied_key) >= epochs_max then
  for _, known in ipairs(redis.call('HKEYS', applied_key)) do
    if not oldest or (tonumber(known) or 0) < (tonumber(oldest) or 0) then oldest = known end
  end
  if tonumber(epoch) < (tonumber(oldest) or 0) then return TOO_OLD end
end
if refusal then return redis.error_reply(refusal) end
local is_forgotten
-- What is in all slots of a cluster is in this one, too.
ranges, is_forgotten = with_number((ranges or '') .. ',' .. ranges_of_all_slots, sequence)
if not ranges then
  if is_forgotten then return TOO_OLD end
  -- Replicas are waited for as far as a connection has written, and whoever wrote the batch may not have waited.
  if ARGV[7] == '1' then redis.call('HSET', applied_key, epoch, ranges_before) end
  return REPEATED
end

-- 2. Can all of it be applied?
-- Of goals, details and remainders one key is asked for: users' rights go by patterns of keys.
check_right('HSET', applied_key, '0', '')
check_right('HDEL', applied_key, '0')
check_right('HINCRBY', applied_key, '0', '1')
if goals[1] then check_right('HINCRBYFLOAT', goals[1], '0', '1') end
if details[1] then check_right('HSET', details[1], '0', '') end
if works[1] then check_right('HSET', works[2], '0', '') end
for at = 1, #goals, 3 do
  local value = read_field(goals[at], goals[at + 1])
  if value and not is_number(value) then
    refuse(goals[at], 'holds in field ' .. goals[at + 1] .. ' what is no number')
  end
end
local remainders = {}
for at = 1, #works, 5 do
  local units = tonumber(works[at + 3])
  if works[at + 4] ~= '0' then
    local left = tonumber(check_count(works[at + 1], works[at + 2]) or 0) or 0
    if left >= UNIT then refuse(works[at + 1], 'holds 2^32 hashes or more') end
    left = left + tonumber(works[at + 4])
    if left >= UNIT then
      units, left = units + 1, left - UNIT
    end
    remainders[at] = left
  end
  if units > 0 then
    counts[#counts + 1] = works[at]
    counts[#counts + 1] = works[at + 2]
    counts[#counts + 1] = text(units)
  end
end
-- What is to be written of them: field, value, field, value.
local notes = {}
for at = 1, #details, 4 do
  local key = details[at]
  local goal_field, best_field = details[at + 1] .. ':goal', details[at + 1] .. ':best'
  local found = redis.pcall('HMGET', key, goal_field, best_field)
  local note = {}
  if found.err then
    refuse_for(key, found.err)
  elseif (found[1] and not is_number(found[1])) or (found[2] and not is_number(found[2])) then
    refuse(key, 'holds in fields of minute ' .. details[at + 1] .. ' what is no number')
  else
    local goal, best = tonumber(details[at + 2]), tonumber(details[at + 3])
    if goal > 0 then
      note[1], note[2] = goal_field, string.format('%.17g', (tonumber(found[1]) or 0) + goal)
    end
    if best > (tonumber(found[2]) or 0) then
      note[#note + 1], note[#note + 2] = best_field, details[at + 3]
    end
  end
  notes[at] = note
end
local function check_set(key)
  check_type(key, 'set')
  check_right('SADD', key, '')
end
for _, set in ipairs(sets) do check_set(set[1]) end
for _, push in ipairs(pushes) do
  check_type(push[1], 'list')
  check_right('RPUSH', push[1], '')
  if push[3] then check_set(push[3]) end
end
for _, once in ipairs(onces) do
  check_count(once[1], once[2])
  check_right('HINCRBY', once[1], '0', '1')
  check_set(once[3])
end
if refusal then return redis.error_reply(refusal) end

-- 3. Apply. The number is the first write, so that a refusal leaves nothing behind.
redis.call('HSET', applied_key, epoch, ranges)
for at = 1, #counts, 3 do
  local failure = add(counts[at], counts[at + 1], counts[at + 2])
  if failure then
    for done = 1, at - 1, 3 do take_back(counts[done], counts[done + 1], counts[done + 2]) end
    if ranges_before then
      redis.call('HSET', applied_key, epoch, ranges_before)
    else
      redis.call('HDEL', applied_key, epoch)
    end
    return redis.error_reply(failure)
  end
end
if oldest then redis.call('HDEL', applied_key, oldest) end
for at, left in pairs(remainders) do
  local remainder_key, field = works[at + 1], works[at + 2]
  if left > 0 then
    redis.call('HSET', remainder_key, field, text(left))
  else
    redis.call('HDEL', remainder_key, field)
  end
end
for at = 1, #goals, 3 do redis.call('HINCRBYFLOAT', goals[at], goals[at + 1], goals[at + 2]) end
for at = 1, #details, 4 do
  if #notes[at] > 0 then redis.call('HSET', details[at], unpack(notes[at])) end
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
  end
end
for _, once in ipairs(onces) do
  if redis.call('SADD', once[3], once[4]) == 1 then redis.call('HINCRBY', once[1], once[2], '1') end
end
return APPLIED
