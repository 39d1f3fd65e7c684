lesson{
  title = "AUTH PLAIN and LOGIN, decoded",
  server = "sandbox:plain/465",
  about = [[
    In a login, client and server exchange lines in Base64. Base64 writes any bytes as letters and digits. It is not encryption: anybody can decode it.
    Use :decode and :encode for it.

    This service has implicit TLS. ann@sandbox.test has the password ann-secret. :accounts lists the accounts.]],
  steps = {
    {
      goal = "In AUTH LOGIN a server asks with 334 VXNlcm5hbWU6 and then 334 UGFzc3dvcmQ6. What does the second one say?",
      hints = {":decode UGFzc3dvcmQ6", ":answer Password:"},
      answer = {"Password:", "Password"}, wrong = ":answer UGFzc3dvcmQ6", play = ":decode UGFzc3dvcmQ6\n:answer Password:",
      well = "The server asks in Base64, and the client answers in Base64.",
    },
    {
      remark = function(at)
        if (at.answer or ""):lower() == "agfu" then return "Almost: in Base64 upper and lower case letters differ." end
      end,
      goal = "PLAIN sends everything in one line: an identity (usually empty), a NUL byte, the user name, a NUL byte, the password. Encode it for ann with :encode and write \\0 for NUL. What are the first four letters of the result?",
      hints = {":encode \\0ann@sandbox.test\\0ann-secret", ":answer AGFu"},
      answer = "AGFu", exact = true, wrong = ":answer YW5u", play = ":encode \\0ann@sandbox.test\\0ann-secret\n:answer AGFu",
      well = "Anybody who sees AUTH PLAIN AGFu... can decode the password. Only TLS protects it.",
    },
    {
      goal = "Log in as ann with AUTH PLAIN and that Base64, or with :login, which asks for name and password. Send EHLO first.",
      hints = {"EHLO me, then AUTH PLAIN and the result of :encode.", "AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA=="},
      done = function(at) return at.s and at.s.user == "ann@sandbox.test" end,
      remark = function(at) if at.reply and at.reply.code == 535 then return "535: the user name, the password or the Base64 is wrong." end end,
      wrong = "EHLO me\nAUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAd3Jvbmc=", play = "AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==",
      well = "235: you are logged in. The prompt does not keep such a line in its history and masks it in saved files.",
    },
  },
  meaning = [[
    You have logged in and decoded the exchange. PLAIN and LOGIN send the password itself, so they need TLS. CRAM-MD5 sends a digest, but the server
    must store the password. SCRAM proves both sides to each other without sending the password. XOAUTH2 and OAUTHBEARER send a token that expires.
    All these lines are secrets: do not show them to others, even if they look unreadable.]],
}
