-- one message, one process
local s = smtp.connect()
s:ehlo("client.test"):expect(250)
s:mail("a@example.org"):expect(250)
s:rcpt("b@example.org"):expect(250)
s:data("Subject: hello\r\n\r\nhello\r\n"):expect(250)
s:quit()
