-- summary: load: a connection for each message, as a server that passes mail on makes them
-- usage: smtpsh load one-message --server HOST [--sessions N] [--var from=A --var to=B --var size=1024]
-- needs: nothing; from and to that the server accepts; user and pass to log in

local load = require("load")
local message = load.message()

local s = load.open()
load.send(s, message)
s:quit()
