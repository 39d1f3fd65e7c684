-- TIMES [resume]: so many connections that start TLS and leave, one after the other
local opts = {tls_resume = arg[2] == "resume"}
for _ = 1, tonumber(arg[1]) do
  local s = smtp.connect(nil, opts)
  s:ehlo("client.test"):expect(250)
  s:starttls():expect(220)
  s:ehlo("client.test"):expect(250)
  s:quit()
end
