local function logged_in(user)
  return function(at) return at.s and at.s.user == user end
end

lesson{
  title = "Gmail: app passwords and OAuth",
  server = "sandbox:gmail/465",
  about = [[
    This server answers as smtp.gmail.com does on port 465, where TLS comes first. Its people have the troubles that people have with Gmail: :accounts
    lists them with their passwords. :login asks for name and password; a wrong one does no harm.]],
  steps = {
    {
      goal = "Bob tries his ordinary password, bob-ordinary, as he would in the browser. Log in as bob@gmail.com with it and read what Google says.",
      hints = {"EHLO me, then :login, the name bob@gmail.com and the password bob-ordinary.", ":why explains it."},
      done = function(at)
        return at.reply and at.reply.code == 534 and at.reply.text:lower():find("application%-specific password")
      end,
      remark = function(at)
        if at.reply and at.reply.code == 535 then return "535: that was not bob's ordinary password." end
        if at.reply and at.reply.code == 534 then return "534, but of another kind: that is not bob's case." end
      end,
      wrong = "EHLO me\nAUTH PLAIN AGJvYkBnbWFpbC5jb20Ad3Jvbmc=", play = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYm9iLW9yZGluYXJ5",
      well = "534 5.7.9: the password is right, and not enough. Google wants an app password: 16 letters, made for one program.",
    },
    {
      goal = "Log in as bob with his app password.",
      hints = {":accounts shows it: bbbbccccddddeeee."},
      done = logged_in("bob@gmail.com"),
      wrong = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYm9iLW9yZGluYXJ5", play = "AUTH PLAIN AGJvYkBnbWFpbC5jb20AYmJiYmNjY2NkZGRkZWVlZQ==",
      well = "235. An app password works without the second factor, and can be taken back alone.",
    },
    {
      goal = "A session belongs to one user. Open a new one and log in as dave@gmail.com by OAuth, with his expired token ya29.dave-expired. What comes before the 535?",
      hints = {":reconnect, EHLO me, :login XOAUTH2, the name, the token. The reply before the refusal begins with 3.", ":answer 334"},
      answer = {"334", "a 334", "334 with json"}, wrong = ":reconnect\nEHLO me\n:answer 250",
      play = "AUTH XOAUTH2 dXNlcj1kYXZlQGdtYWlsLmNvbQFhdXRoPUJlYXJlciB5YTI5LmRhdmUtZXhwaXJlZAEB\n\n:answer 334",
      well = "A 334 with a reason in JSON, in Base64. The client must answer it with an empty line; only then comes 535. Programs that do not are out of step from then on.",
    },
    {
      goal = "Log in as dave with his fresh token, ya29.dave-new.",
      hints = {":login XOAUTH2, dave@gmail.com, ya29.dave-new"},
      done = logged_in("dave@gmail.com"),
      wrong = "NOOP", play = "AUTH XOAUTH2 dXNlcj1kYXZlQGdtYWlsLmNvbQFhdXRoPUJlYXJlciB5YTI5LmRhdmUtbmV3AQE=",
      well = "Tokens live for about an hour; a program gets a new one with its refresh token.",
    },
  },
  meaning = [[
    Google ended the ordinary password for programs: for private accounts in 2022, for Workspace by 2025. What is left is an app password, which needs 2-Step
    Verification, or OAuth with the scope https://mail.google.com/. When Gmail refuses, its reply names the way out in the address behind ?p=; :why knows them.]],
}
