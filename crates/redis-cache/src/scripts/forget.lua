-- Removes every entry and every lease filed under some tags, and the tags.
-- KEYS: the tags; or, with ARGV[2] = 'index', one index, meaning all tags in it.
-- ARGV: the prefix; 'tags' or 'index'.
-- Returns how many entries went from layer 1 and from layer 2, and how many names of
-- entries were tried.
local prefix = ARGV[1]

local tags = KEYS
if ARGV[2] == 'index' then
  tags = {}
  for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    tags[#tags + 1] = prefix .. name
  end
end

local seen, first, second, leases = {}, {}, {}, {}
for _, tag in ipairs(tags) do
  for _, name in ipairs(redis.call('SMEMBERS', tag)) do
    if not seen[name] then
      seen[name] = true
      if string.sub(name, 1, 13) == 'calcom:slots:' then
        first[#first + 1] = prefix .. name
      elseif string.sub(name, 1, 10) == 'cal_slots_' then
        second[#second + 1] = prefix .. name
      elseif string.sub(name, 1, 13) == 'calcom:lease:' then
        leases[#leases + 1] = prefix .. name
      end
    end
  end
end

local function unlink(keys)
  local gone = 0
  for i = 1, #keys, 1000 do
    gone = gone + redis.call('UNLINK', unpack(keys, i, math.min(i + 999, #keys)))
  end
  return gone
end

-- Day ranges first: an hour window that is filled from one must not outlive it.
local gone_first = unlink(first)
local gone_second = unlink(second)
-- And then nobody may file what was fetched before.
unlink(leases)

for _, tag in ipairs(tags) do
  redis.call('DEL', tag)
  local index = string.gsub(tag, '[^:]*$', 'all')
  redis.call('SREM', index, string.sub(tag, #prefix + 1))
end
return {gone_first, gone_second, #first + #second}
