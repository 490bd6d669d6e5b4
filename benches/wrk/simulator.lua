-- Bookings at the Cal.com simulator itself, as the gateway makes them.
local companies = tonumber(os.getenv("COMPANIES"))
local from = tonumber(os.getenv("FROM"))
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
  local turn = n * 2 + number
  n = n + 1
  local company = turn % companies + 1
  local start = from + math.floor(turn / companies) * 900
  local body = string.format(
    '{"start":"%s","eventTypeId":%d,"attendee":{"name":"Erika Muster","email":"%s.%d@mail.example","timeZone":"Europe/Berlin"}}',
    os.date("!%Y-%m-%dT%H:%M:%SZ", start), company * 10 + 2, run, turn)
  return wrk.format("POST", "/v2/bookings", {
    ["Authorization"] = "Bearer cal_bench_" .. company,
    ["Content-Type"] = "application/json",
    ["cal-api-version"] = "2026-02-25",
  }, body)
end
