-- summary: load: connections that log in and leave, as phones do after an outage
-- usage: smtpsh load auth-storm --server HOST --var user=USER --secret pass=@prompt [--var mech=PLAIN]
-- needs: a server with AUTH; user and pass, on the sandbox not even these

local load = require("load")
local s = load.open{ login = true }
s:quit()
