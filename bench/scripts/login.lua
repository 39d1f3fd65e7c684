-- one message over STARTTLS, with a login
local s = smtp.open(nil, {starttls = "require", helo = "client.test", auth = {mech = "PLAIN", user = "ann@sandbox.test", pass = "ann-secret"}})
s:mail("ann@sandbox.test"):expect(250)
s:rcpt("bob@sandbox.test"):expect(250)
s:data("Subject: hello\r\n\r\nhello\r\n"):expect(250)
s:quit()
