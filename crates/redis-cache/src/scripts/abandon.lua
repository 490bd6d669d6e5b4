-- Gives a lease back unused, if it is the token's. The key is the lease.
-- ARGV, from the fifth: the token.
if redis.call('GET', KEYS[1]) == ARGV[5] then
  give_back(name)
end
return 1
