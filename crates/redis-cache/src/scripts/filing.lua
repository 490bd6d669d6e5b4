-- Begins every script that writes a key and files its name.
-- KEYS: the key, the index of its event type, its tags.
-- ARGV: the prefix, the name of the key, its milliseconds, those of the sets, and the script's own.
local prefix, name, life, sets_life = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local function refresh(set)
  -- Never shorter than before: another member may live longer than this one.
  if redis.call('PTTL', set) < sets_life then
    redis.call('PEXPIRE', set, sets_life)
  end
  -- Names stay behind when their key expires, is evicted or goes with another day. Every filing
  -- looks at a few of them, so that a set stays near the size of what lives.
  for _, member in ipairs(redis.call('SRANDMEMBER', set, 4)) do
    if redis.call('EXISTS', prefix .. member) == 0 then
      redis.call('SREM', set, member)
    end
  end
end

local function file()
  local tags = {}
  for i = 3, #KEYS do
    redis.call('SADD', KEYS[i], name)
    refresh(KEYS[i])
    tags[#tags + 1] = string.sub(KEYS[i], #prefix + 1)
  end
  redis.call('SADD', KEYS[2], unpack(tags))
  refresh(KEYS[2])
end

-- An entry that has expired only takes the older one away.
local function keep(value)
  if life > 0 then
    redis.call('SET', KEYS[1], value, 'PX', life)
    file()
  else
    redis.call('UNLINK', KEYS[1])
  end
end

local function give_back(lease)
  redis.call('DEL', prefix .. lease)
  for i = 3, #KEYS do
    redis.call('SREM', KEYS[i], lease)
  end
end
