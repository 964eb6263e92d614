-- Takes a key out of the set that lists it, unless it has minutes.
--
-- KEYS[1]  the set
-- KEYS[2]  the key
-- KEYS[3]  its remainder, which may be there alone

if redis.call('EXISTS', KEYS[2], KEYS[3]) == 0 then redis.call('SREM', KEYS[1], KEYS[2]) end
return 1
