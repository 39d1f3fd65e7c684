-- SESSIONS: so many sessions that are all open at the same time
local n, open, failed = tonumber(arg[1]), 0, 0
local r = smtp.parallel(n, function()
  local s = smtp.connect()
  s:ehlo("client.test"):expect(250)
  open = open + 1
  while open + failed < n do smtp.sleep(0.2) end
  s:quit()
end, {limit = n})
if r.failed > 0 then error(r.errors[next(r.errors)]) end
