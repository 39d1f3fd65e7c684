local function logged_in(user)
  return function(at) return at.s and at.s.user == user end
end

lesson{
  title = "Gmail: app passwords and OAuth",
  server = "sandbox:gmail/465",
  about = [[
    This server answers like smtp.gmail.com on port 465, which has implicit TLS. Its users have the usual problems with Gmail. :accounts lists them with
    their passwords. :login asks for user name and password. You can try wrong ones.]],
  steps = {
    {
      goal = "Bob tries the password that he uses in the browser, bob-ordinary. Log in as bob@gmail.com with it and read the reply.",
      hints = {"EHLO me, then :login with the user name bob@gmail.com and the password bob-ordinary.", ":why explains it."},
      done = function(at)
        return at.reply and at.reply.code == 534 and at.reply.text:lower():find("application%-specific password")
      end,
      remark = function(at)
        if at.reply and at.reply.code == 535 then return "535: that was not bob's browser password." end
        if at.reply and at.reply.code == 534 then return "534, but for another reason than in this step." end
      end,
      wrong = "EHLO me\nAUTH PLAIN AGJvYkBnbWFpbC5jb20Ad3Jvbmc=", play = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYm9iLW9yZGluYXJ5",
      well = "534 5.7.9: the password is right, but Google requires an app password: 16 letters, made for one program.",
    },
    {
      goal = "Log in as bob with his app password.",
      hints = {":accounts shows it: bbbbccccddddeeee."},
      done = logged_in("bob@gmail.com"),
      wrong = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYm9iLW9yZGluYXJ5", play = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYmJiYmNjY2NkZGRkZWVlZQ==",
      well = "235: logged in. An app password needs no second factor, and can be revoked separately.",
    },
    {
      goal = "A session belongs to one user. Open a new one and log in as dave@gmail.com by OAuth, with his expired token ya29.dave-expired. What comes before the 535?",
      hints = {":reconnect, EHLO me, :login XOAUTH2, the name, the token. The reply before the refusal begins with 3.", ":answer 334"},
      answer = {"334", "a 334", "334 with json"}, wrong = ":reconnect\nEHLO me\n:answer 250",
      play = "AUTH XOAUTH2 dXNlcj1kYXZlQGdtYWlsLmNvbQFhdXRoPUJlYXJlciB5YTI5LmRhdmUtZXhwaXJlZAEB\n\n:answer 334",
      well = "A 334 with the reason as JSON in Base64. The client must answer with an empty line; then the server replies 535. A program that does not do this reads all later replies one command late.",
    },
    {
      goal = "Log in as dave with his new token, ya29.dave-new.",
      hints = {":login XOAUTH2, dave@gmail.com, ya29.dave-new"},
      done = logged_in("dave@gmail.com"),
      wrong = "NOOP", play = "AUTH XOAUTH2 dXNlcj1kYXZlQGdtYWlsLmNvbQFhdXRoPUJlYXJlciB5YTI5LmRhdmUtbmV3AQE=",
      well = "Tokens are valid for about an hour. A program gets a new one with its refresh token.",
    },
  },
  meaning = [[
    You have met the login problems that most people have with Gmail. Google no longer accepts ordinary passwords from programs (private accounts since
    2022, Workspace since 2025). A program needs an app password, which requires 2-Step Verification, or OAuth with the scope https://mail.google.com/.
    Gmail's rejection has an address with ?p=...; :why explains it.]],
}
