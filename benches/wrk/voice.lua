-- Function calls of voice agents through the neutral door, from COMPANIES companies in turn. KIND is
-- `read` (what is free, what else is there, when is my appointment) or `book` (each another slot of 15
-- minutes from FROM, seconds since 1970, on). RUN keeps runs apart. Prints percentiles at the end.
local companies = tonumber(os.getenv("COMPANIES"))
local from = tonumber(os.getenv("FROM"))
local run = os.getenv("RUN")
local kind = os.getenv("KIND")
local days = { "morgen", "übermorgen", "nächsten Montag", "nächsten Dienstag", "am Freitag" }
local times = { "um neun", "halb elf", "nachmittags", "um vier", "Viertel nach zwei" }
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
  local name, body
  if kind == "book" then
    local start = from + math.floor(turn / companies) * 900
    name = "book_appointment"
    body = string.format('{"service":"Service 2","date":"%s","name":"Erika Muster %d"}',
      os.date("!%Y-%m-%dT%H:%M:%SZ", start), turn)
  else
    local day, time = days[turn % 5 + 1], times[math.floor(turn / 5) % 5 + 1]
    local which = math.floor(turn / companies) % 4
    name = which == 0 and "get_alternatives" or which == 1 and "query_appointment" or "check_availability"
    body = which == 1 and "{}"
      or string.format('{"service":"Service 1","date":"%s","time":"%s","language":"de"}', day, time)
  end
  return wrk.format("POST", "/api/voice/functions/" .. name, {
    ["Authorization"] = "Bearer bk_bench_" .. string.format("%012d", company),
    ["Content-Type"] = "application/json",
    ["X-Caller-Number"] = string.format("+4930%08d", turn % 50),
    ["X-Call-Id"] = run .. "." .. turn % 50,
    ["X-Invocation-Id"] = run .. "." .. turn,
  }, body)
end

function done(_, latency)
  io.write(string.format("percentiles %.1f %.1f %.1f\n", latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
