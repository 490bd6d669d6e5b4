-- The budget of one account: KEYS[1] the calls of the last sixty seconds, KEYS[2] what Cal.com has
-- said: `paused_until`, and `remaining` calls, `of` so many at first, until `remaining_until`. Times are microseconds.
-- ARGV: now, the length of the window, then those of each script.
local calls, said = KEYS[1], KEYS[2]
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])

-- What was said of a time that is over is 0.
local function still(field)
  local moment = tonumber(redis.call('HGET', said, field) or '0')
  return moment > now and moment or 0
end

local function text(number)
  return string.format('%.0f', number)
end

-- The hash lives as long as anything in it is about the future.
local function keep_until(moment)
  local lives = math.ceil((math.max(moment, now + window) - now) / 1000)
  if redis.call('PTTL', said) < lives then
    redis.call('PEXPIRE', said, lives)
  end
end
