-- summary: load: send messages to many recipients, many messages over each connection
-- usage: smtpsh load recipients --server HOST [--var count=50 --var to=user%d@example.org]
-- needs: nothing; to with %d for the number of the recipient, if the server has such users

local load = require("load")
local count = tonumber(vars.get("count", "50"))
local pattern = vars.get("to", (load.to:gsub("@", "+%%d@")))
if not count or count < 1 then error("count must be a number of recipients", 0) end
local to = {}
for i = 1, count do to[i] = (pattern:gsub("%%d", tostring(i))) end
local message = load.message()
local s = load.open()
defer(function() load.bye(s) end)

return function()
  s:mail(load.from):expect("2xx")
  for _, address in ipairs(to) do s:rcpt(address):expect("2xx") end
  s:data(message):expect("2xx")
end
