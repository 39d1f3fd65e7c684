-- FILE: one message, read from a file
local s = smtp.connect()
s:ehlo("client.test"):expect(250)
s:mail("a@example.org"):expect(250)
s:rcpt("b@example.org"):expect(250)
s:data(file.open(arg[1])):expect(250)
s:quit()
