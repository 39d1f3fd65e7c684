-- SESSIONS MESSAGES SIZE [pipelined|reconnect]: so many messages over so many sessions
local sessions, messages, size, mode = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3]), arg[4]
local text = (("x"):rep(62) .. "\r\n"):rep(size / 64)
local msg = mail.message{from = "a@example.org", to = "b@example.org", text = text}
local left = messages
local r = smtp.parallel(sessions, function()
  local s
  while left > 0 do
    left = left - 1
    if not s then
      s = smtp.connect()
      s:ehlo("client.test"):expect(250)
    end
    if mode == "pipelined" then
      s:send(msg, {pipeline = true})
    else
      s:mail("a@example.org"):expect(250)
      s:rcpt("b@example.org"):expect(250)
      s:data(text):expect(250)
    end
    if mode == "reconnect" then
      s:quit()
      s = nil
    end
  end
  if s then s:quit() end
end, {limit = sessions})
if r.failed > 0 then error(r.errors[1]) end
