local function logged_in(user)
  return function(at) return at.s and at.s.user == user end
end

lesson{
  title = "Gmail: app passwords and OAuth",
  server = "sandbox:gmail/465",
  about = [[
    This server answers as smtp.gmail.com does on port 465, where TLS begins before any SMTP. Its users have the login
    problems that users of Gmail have. :accounts lists them with their passwords. :login asks for name and password.
    You can try again after a wrong password.]],
  steps = {
    {
      goal = "Bob tries the ordinary password that he uses in the browser: bob-ordinary. Log in as bob@gmail.com with it and read the reply.",
      hints = {"EHLO me, then :login, the name bob@gmail.com and the password bob-ordinary.", ":why explains the reply."},
      done = function(at)
        return at.reply and at.reply.code == 534 and at.reply.text:lower():find("application%-specific password")
      end,
      remark = function(at)
        if at.reply and at.reply.code == 535 then return "535: that was not bob's ordinary password." end
        if at.reply and at.reply.code == 534 then return "534, but for another reason. Use bob's name and ordinary password." end
      end,
      wrong = "EHLO me\nAUTH PLAIN AGJvYkBnbWFpbC5jb20Ad3Jvbmc=", play = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYm9iLW9yZGluYXJ5",
      well = "534 5.7.9: the password is right, but Google requires an app password: 16 letters, made for one program.",
    },
    {
      goal = "Log in as bob with his app password.",
      hints = {":accounts shows it: bbbbccccddddeeee."},
      done = logged_in("bob@gmail.com"),
      wrong = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYm9iLW9yZGluYXJ5", play = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYmJiYmNjY2NkZGRkZWVlZQ==",
      well = "235. An app password works without the second factor. The user can revoke it without changing anything else.",
    },
    {
      goal = "A session can log in only one user. Open a new session and log in as dave@gmail.com with OAuth and his expired token ya29.dave-expired. Which code comes before the 535?",
      hints = {":reconnect, EHLO me, :login XOAUTH2, the name, the token. The reply before the rejection begins with 3.", ":answer 334"},
      answer = {"334", "a 334", "334 with json"}, wrong = ":reconnect\nEHLO me\n:answer 250",
      play = "AUTH XOAUTH2 dXNlcj1kYXZlQGdtYWlsLmNvbQFhdXRoPUJlYXJlciB5YTI5LmRhdmUtZXhwaXJlZAEB\n\n:answer 334",
      well = "The server sends 334 and the reason as JSON in Base64. The client must answer with an empty line; only then the server sends 535. A client that does not do this mixes up all later replies.",
    },
    {
      goal = "Log in as dave with his new token, ya29.dave-new.",
      hints = {":login XOAUTH2, dave@gmail.com, ya29.dave-new"},
      done = logged_in("dave@gmail.com"),
      wrong = "NOOP", play = "AUTH XOAUTH2 dXNlcj1kYXZlQGdtYWlsLmNvbQFhdXRoPUJlYXJlciB5YTI5LmRhdmUtbmV3AQE=",
      well = "A token is valid for about one hour. A program gets a new one with its refresh token.",
    },
  },
  meaning = [[
    You have logged in with an app password and with an OAuth token. These are the two ways that remain for programs:
    Google stopped accepting ordinary passwords in 2022 for private accounts and by 2025 for Workspace. An app
    password needs 2-Step Verification. OAuth needs the scope https://mail.google.com/.

    When Gmail rejects a login, its reply contains a web address. The part after ?p= names the reason, and :why
    explains it.]],
}
