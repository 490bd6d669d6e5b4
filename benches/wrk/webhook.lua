-- Deliveries from DELIVERIES, a line each: company, signature, body, between tabs. When all have been
-- sent, again from the first. Each has a key of its own, so that none is a repeat. RUN keeps runs apart.
local run = os.getenv("RUN")
local threads = 0
local deliveries = {}

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  local line = 0
  for text in io.lines(os.getenv("DELIVERIES")) do
    -- A thread reads its half.
    if line % 2 == number then
      local company, signature, body = text:match("^(%d+)\t(%x+)\t(.*)$")
      deliveries[#deliveries + 1] = { "/api/calcom/webhook/" .. company, signature, body }
    end
    line = line + 1
  end
  n = 0
end

function request()
  local delivery = deliveries[n % #deliveries + 1]
  n = n + 1
  return wrk.format("POST", delivery[1], {
    ["Content-Type"] = "application/json",
    ["X-Cal-Signature-256"] = delivery[2],
    ["X-Cal-Idempotency-Key"] = run .. "." .. number .. "." .. n,
  }, delivery[3])
end
