-- Counts a call in: 0, or the moment to ask again.
-- ARGV, from the third: the limit, and how much of it this call may use, in percent.
local percent = tonumber(ARGV[4])
local function share_of(limit)
  return math.max(math.floor(limit * percent / 100), 1)
end
local share = share_of(tonumber(ARGV[3]))
redis.call('ZREMRANGEBYSCORE', calls, '-inf', text(now - window))
-- What cannot be: some clock was put back.
redis.call('ZREMRANGEBYSCORE', calls, '(' .. text(now + window), '+inf')
local paused = still('paused_until')
if paused > 0 then
  return paused
end
local used = redis.call('ZCARD', calls)
if used >= share then
  local leaves = redis.call('ZRANGE', calls, used - share, used - share, 'WITHSCORES')
  return tonumber(leaves[2]) + window
end
local until_then = still('remaining_until')
if until_then > 0 then
  local of = tonumber(redis.call('HGET', said, 'of'))
  if tonumber(redis.call('HGET', said, 'remaining')) <= math.max(of - share_of(of), 0) then
    return until_then
  end
  redis.call('HINCRBY', said, 'remaining', -1)
end
redis.call('ZADD', calls, text(now), text(now) .. ':' .. used)
redis.call('PEXPIRE', calls, math.ceil(window / 1000))
return 0
