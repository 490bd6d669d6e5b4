-- Keeps an entry and files it, in one round trip.
-- ARGV, from the fifth: the value.
keep(ARGV[5])
return 1
