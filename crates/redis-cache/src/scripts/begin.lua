-- Takes a lease and files it. The key is the lease.
-- ARGV, from the fifth: the token.
-- Returns whether it is the token's now; so it was if the answer to the first request was lost.
local token = ARGV[5]
if not redis.call('SET', KEYS[1], token, 'NX', 'PX', life) then
  return redis.call('GET', KEYS[1]) == token and 1 or 0
end
file()
return 1
