-- Lets nothing through before ARGV[3].
local until_then = tonumber(ARGV[3])
if until_then > now and until_then > still('paused_until') then
  redis.call('HSET', said, 'paused_until', text(until_then))
  keep_until(until_then)
end
return 0
