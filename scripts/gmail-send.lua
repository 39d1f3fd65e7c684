-- summary: send one message through Gmail: STARTTLS, AUTH, MAIL, RCPT, DATA, QUIT
-- usage: smtpsh run gmail-send [--server smtp.gmail.com:587 --var user=me@gmail.com --secret pass=@prompt]
-- needs: user, and pass (an app password) or token (OAuth); to, subject and text are optional

local rehearsal = smtp.target():find("^sandbox:") ~= nil

-- the built-in server has an account for this; a real server needs yours
local user = vars.get("user", rehearsal and "alice@gmail.com" or nil)
local auth = { user = user }
if vars.get("auth", "password") == "token" then
  auth.mech = "XOAUTH2"
  auth.token = vars.secret("token")
else
  auth.pass = rehearsal and vars.secret("pass", "abcd efgh ijkl mnop") or vars.secret("pass")
end

local message = mail.message{
  from = user,
  to = vars.get("to", user),
  subject = vars.get("subject", "Hello from smtpsh"),
  text = vars.get("text", "Sent over STARTTLS after a login.\n"),
}

local s = smtp.connect()
s.greeting:expect(220)
s:ehlo():expect(250)
if not s.tls then
  s:starttls():expect(220, "Gmail accepts no mail without TLS")
  s:ehlo():expect(250)
end
local login = s:auth(auth)
if not login.ok then s:quit() end
login:accept() -- a rejected login ends the script with exit status 7 and a hint
s:send(message)
s:quit()
print("accepted: " .. message.id .. " for " .. table.concat(message.rcpts, ", "))
