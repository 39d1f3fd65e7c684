-- summary: load: keep connections open and send NOOP at intervals
-- usage: smtpsh load idle-sessions --server HOST --sessions 1000 --ramp 10s --duration 1m [--var every=5s]
-- needs: a server that allows idle connections

local load = require("load")
local every = vars.get("every", "1s")
local s = load.open()
defer(function() load.bye(s) end)

return function()
  smtp.sleep(every)
  s:noop():expect(250)
end
