-- Bookings, each of a free slot: COMPANIES companies in turn, slots of 15 minutes from FROM (seconds
-- since 1970) on. SERVICE is the last digit of the service's id. RUN keeps runs apart.
local companies = tonumber(os.getenv("COMPANIES"))
local from = tonumber(os.getenv("FROM"))
local service = tonumber(os.getenv("SERVICE"))
local run = os.getenv("RUN")
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  n = 0
end

function request()
  -- With two threads, one has the even and one the odd companies.
  local turn = n * 2 + number
  n = n + 1
  local company = turn % companies + 1
  local start = from + math.floor(turn / companies) * 900
  local body = string.format(
    '{"service_id":%d,"start":"%s","customer":{"name":"Erika Muster","email":"%s.%d@mail.example"}}',
    company * 10 + service, os.date("!%Y-%m-%dT%H:%M:%SZ", start), run, turn)
  return wrk.format("POST", "/api/v1/bookings", {
    ["Authorization"] = "Bearer bk_bench_" .. string.format("%012d", company),
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = run .. "." .. turn,
  }, body)
end
