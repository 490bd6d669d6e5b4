-- Takes in what Cal.com says is left, which can only make the budget smaller.
-- ARGV, from the third: how many calls, until when, and our own limit.
local remaining = tonumber(ARGV[3])
local until_then = math.min(tonumber(ARGV[4]), now + window)
if still('remaining_until') > 0 then
  if remaining < tonumber(redis.call('HGET', said, 'remaining')) then
    redis.call('HSET', said, 'remaining', remaining)
  end
elseif until_then > now then
  local of = math.min(remaining, tonumber(ARGV[5]))
  redis.call('HSET', said, 'remaining', remaining, 'remaining_until', text(until_then), 'of', of)
  keep_until(until_then)
end
return 0
