-- summary: load: send large messages, generated while they are sent
-- usage: smtpsh load big-message --server HOST [--var mib=10 --var how=data|bdat]
-- needs: a server that accepts messages of that size; from and to that it accepts

local load = require("load")
local mib = tonumber(vars.get("mib", "10"))
local how = vars.get("how", "data")
if not mib or mib < 1 then error("mib must be a number of MiB", 0) end
if how ~= "data" and how ~= "bdat" then error("how must be data or bdat", 0) end
local head = load.header() .. "\r\n"
local piece = (("x"):rep(62) .. "\r\n"):rep(1024)
local s = load.open()
defer(function() load.bye(s) end)

return function()
  local n = 0
  local function content()
    n = n + 1
    if n == 1 then return head .. piece end
    if n <= mib * 16 then return piece end
  end
  s:mail(load.from):expect("2xx")
  s:rcpt(load.to):expect("2xx")
  if how == "bdat" then
    s:bdat(content, { size = 262144 }):expect("2xx")
  else
    s:data(content):expect("2xx")
  end
end
