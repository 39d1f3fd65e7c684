lesson{
  title = "AUTH PLAIN and LOGIN, in Base64",
  server = "sandbox:plain/465",
  about = [[
    During a login, client and server send their data in Base64: letters and digits that stand for any bytes. Base64
    is not encryption: anybody can decode it. Use :decode and :encode for it here.

    This port uses TLS from the start. The password of ann@sandbox.test is ann-secret. :accounts lists all users.]],
  steps = {
    {
      goal = "With AUTH LOGIN the server sends 334 VXNlcm5hbWU6 and then 334 UGFzc3dvcmQ6. What is the second text after decoding?",
      hints = {":decode UGFzc3dvcmQ6", ":answer Password:"},
      answer = {"Password:", "Password"}, wrong = ":answer UGFzc3dvcmQ6", play = ":decode UGFzc3dvcmQ6\n:answer Password:",
      well = "The server asks in Base64, and the client answers in Base64.",
    },
    {
      remark = function(at)
        if (at.answer or ""):lower() == "agfu" then return "Nearly. In Base64, capital and small letters have different meanings." end
      end,
      goal = "PLAIN sends everything in one line: the user to act for (usually empty), a NUL byte, the user name, a NUL byte, the password. Make this Base64 for ann with :encode; write \\0 for NUL. Answer with the first four letters of the result.",
      hints = {":encode \\0ann@sandbox.test\\0ann-secret", ":answer AGFu"},
      answer = "AGFu", exact = true, wrong = ":answer YW5u", play = ":encode \\0ann@sandbox.test\\0ann-secret\n:answer AGFu",
      well = "Anybody who sees AUTH PLAIN AGFu... can decode the password. Only TLS protects it.",
    },
    {
      goal = "Send EHLO. Then log in as ann: type AUTH PLAIN and that Base64, or use :login, which asks for name and password.",
      hints = {"EHLO me, then AUTH PLAIN and the output of :encode.", "AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA=="},
      done = function(at) return at.s and at.s.user == "ann@sandbox.test" end,
      remark = function(at) if at.reply and at.reply.code == 535 then return "535: the name or the password is wrong, or the Base64 contains something else." end end,
      wrong = "EHLO me\nAUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAd3Jvbmc=", play = "AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==",
      well = "235: you are logged in. smtpsh does not keep such a line in the history, and it masks the line in saved files.",
    },
  },
  meaning = [[
    You have decoded and made a login by hand. PLAIN and LOGIN send the password itself, so they need TLS. Before you
    show a transcript to others, remove the AUTH lines: anybody can decode them.

    Other mechanisms do not send the password. CRAM-MD5 sends a digest, but the server must store the password, or a
    value that is as useful to a thief. With
    SCRAM, client and server prove to each other that they know the password. XOAUTH2 and OAUTHBEARER send a token
    that expires.]],
}
