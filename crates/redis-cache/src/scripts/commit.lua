-- Keeps an entry and files it, if the lease is the token's, and gives the lease back.
-- ARGV, from the fifth: the value, the name of the lease, the token.
-- Returns whether the entry is there because of this request, or of the same one before.
local value, lease, token = ARGV[5], ARGV[6], ARGV[7]
if redis.call('GET', prefix .. lease) ~= token then
  -- A request whose answer was lost has used up the lease; then the very same bytes are there.
  return redis.call('GET', KEYS[1]) == value and 1 or 0
end
keep(value)
give_back(lease)
return 1
