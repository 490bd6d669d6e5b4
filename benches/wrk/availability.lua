-- Free slots of COMPANIES companies, 16 windows each, all of them in turn. First day: FIRST_DAY, in
-- days since 1970.
local companies = tonumber(os.getenv("COMPANIES"))
local first_day = tonumber(os.getenv("FIRST_DAY"))
local WINDOWS, DAYS = 16, 3
local requests, n = {}, 0

function init()
  for window = 0, WINDOWS - 1 do
    for company = 1, companies do
      local first = first_day + window * DAYS
      local date = function(day) return os.date("!%Y-%m-%d", day * 86400) end
      local path = string.format("/api/v1/availability?service_id=%d&start=%s&end=%s",
        company * 10 + 1, date(first), date(first + DAYS - 1))
      local headers = { Authorization = "Bearer bk_bench_" .. string.format("%012d", company) }
      requests[#requests + 1] = wrk.format("GET", path, headers)
    end
  end
  n = math.random(#requests)
end

function request()
  n = n % #requests + 1
  return requests[n]
end
