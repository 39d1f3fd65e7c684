-- summary: load: send MAIL, RCPT and DATA in one group, many messages over each connection
-- usage: smtpsh load pipelined --server HOST [--sessions N] [--var from=A --var to=B --var size=1024]
-- needs: a server with PIPELINING; from and to that it accepts; user and pass to log in

local load = require("load")
local message = mail.message{ from = load.from, to = load.to, text = load.text() }
local s = load.open()
defer(function() load.bye(s) end)
if not s:has("PIPELINING") then error("the server does not offer PIPELINING", 0) end

return function()
  s:send(message, { pipeline = true })
end
