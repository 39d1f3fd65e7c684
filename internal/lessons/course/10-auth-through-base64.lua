lesson{
  title = "AUTH PLAIN and LOGIN, seen through Base64",
  server = "sandbox:plain/465",
  about = [[
    A login is a talk of its own inside SMTP, written in Base64: letters and digits that stand for any octets. It hides nothing; anybody can decode it.
    :decode and :encode do it here.

    This service has implicit TLS. ann@sandbox.test has the password ann-secret. :accounts lists who can log in.]],
  steps = {
    {
      goal = "In AUTH LOGIN a server asks with 334 VXNlcm5hbWU6 and then 334 UGFzc3dvcmQ6. What does the second one say?",
      hints = {":decode UGFzc3dvcmQ6", ":answer Password:"},
      answer = {"Password:", "Password"}, wrong = ":answer UGFzc3dvcmQ6", play = ":decode UGFzc3dvcmQ6\n:answer Password:",
      well = "So a server asks in Base64, and the client answers in Base64.",
    },
    {
      remark = function(at)
        if (at.answer or ""):lower() == "agfu" then return "Nearly: in Base64 a capital letter stands for other bits than the small one." end
      end,
      goal = "PLAIN says everything in one line: for whom to act (mostly empty), a NUL octet, the name, a NUL octet, the password. Make the Base64 of ann's with :encode, where \\0 stands for NUL. How does the result begin? Answer with its first four letters.",
      hints = {":encode \\0ann@sandbox.test\\0ann-secret", ":answer AGFu"},
      answer = "AGFu", exact = true, wrong = ":answer YW5u", play = ":encode \\0ann@sandbox.test\\0ann-secret\n:answer AGFu",
      well = "Whoever sees AUTH PLAIN AGFu... has the password. TLS is what protects it.",
    },
    {
      goal = "Log in as ann: with the line AUTH PLAIN and that Base64, or with :login, which asks and does the rest. EHLO first.",
      hints = {"EHLO me, then AUTH PLAIN followed by what :encode gave.", "AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA=="},
      done = function(at) return at.s and at.s.user == "ann@sandbox.test" end,
      remark = function(at) if at.reply and at.reply.code == 535 then return "535: name or password was not right, or the Base64 was of something else." end end,
      wrong = "EHLO me\nAUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAd3Jvbmc=", play = "AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==",
      well = "235: the server knows who you are. Such a line stays out of the history, and is masked in whatever is saved.",
    },
  },
  meaning = [[
    PLAIN and LOGIN send the password itself and so need TLS around them. CRAM-MD5 sends a digest and makes the server keep the password; SCRAM proves both sides
    to each other without sending it; XOAUTH2 and OAUTHBEARER send a token that expires. In a transcript that you show to others, every one of these lines is a secret,
    however unreadable it looks.]],
}
