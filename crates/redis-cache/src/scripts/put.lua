-- Keeps an entry and files it, in one round trip.
-- KEYS: the entry, the index of its event type, its tags.
-- ARGV: the value, its milliseconds, its name, the milliseconds of the sets, the names of the tags.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])

local function file(set, name)
  redis.call('SADD', set, name)
  -- Never shorter than before: another entry of the set may live longer than this one.
  if redis.call('PTTL', set) < tonumber(ARGV[4]) then
    redis.call('PEXPIRE', set, ARGV[4])
  end
end

for i = 3, #KEYS do
  file(KEYS[i], ARGV[3])
  file(KEYS[2], ARGV[i + 2])
end
return 1
