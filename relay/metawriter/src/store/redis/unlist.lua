-- Takes a key out of the set that lists it, unless it is there.
--
-- KEYS[1]  the key
-- KEYS[2]  the set

if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[2], KEYS[1]) end
return 1
