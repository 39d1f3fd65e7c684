-- summary: load: send each message over a new connection, as a relaying server does
-- usage: smtpsh load one-message --server HOST [--sessions N] [--var from=A --var to=B --var size=1024]
-- needs: nothing; from and to that the server accepts; user and pass to log in

local load = require("load")
local message = load.message()

local s = load.open()
load.send(s, message)
s:quit()
