-- summary: load: connect, log in and quit, as phones do after an outage
-- usage: smtpsh load auth-storm --server HOST --var user=USER --secret pass=@prompt [--var mech=PLAIN]
-- needs: a server with AUTH; user and pass, except on the sandbox

local load = require("load")
local s = load.open{ login = true }
s:quit()
