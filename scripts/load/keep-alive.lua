-- summary: load: send many messages over each connection
-- usage: smtpsh load keep-alive --server HOST [--sessions N] [--var from=A --var to=B --var size=1024]
-- needs: nothing; from and to that the server accepts; user and pass to log in

local load = require("load")
local message = load.message()
local s = load.open()
defer(function() load.bye(s) end)

return function()
  load.send(s, message)
end
