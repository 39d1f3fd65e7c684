-- MIB data|bdat: one message of so many MiB, made piece by piece
local pieces, how = tonumber(arg[1]) * 16, arg[2]
local piece = (("x"):rep(62) .. "\r\n"):rep(1024)
local s = smtp.connect()
s:ehlo("client.test"):expect(250)
s:mail("a@example.org"):expect(250)
s:rcpt("b@example.org"):expect(250)
local n = 0
local function content()
  n = n + 1
  if n <= pieces then return piece end
end
if how == "bdat" then
  s:bdat(content, {size = 262144}):expect(250)
else
  s:data(content):expect(250)
end
s:quit()
