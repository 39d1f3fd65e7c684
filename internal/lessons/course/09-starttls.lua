lesson{
  title = "STARTTLS, and why AUTH waits for it",
  server = "sandbox:gmail",
  about = [[
    This server answers as smtp.gmail.com does on port 587. The connection begins in the clear: everybody on the way can read it. STARTTLS switches it to TLS.]],
  steps = {
    {
      goal = "Introduce yourself and try to send: MAIL FROM:<alice@gmail.com>. Read the refusal.",
      hints = {"EHLO me, then MAIL FROM:<alice@gmail.com>.", ":why explains what Google wants."},
      done = function(at)
        return at.reply and at.reply.code == 530 and at.s and not at.s.tls and at.s.state == "ready" and at.reply.cmd:lower():find("^mail from:%s*<alice@gmail%.com>")
      end,
      remark = function(at)
        if at.s and at.s.tls then return "There is TLS already. :lesson 9 begins anew: the question is what the server says before it." end
        if at.reply and at.reply.code == 530 and at.s and at.s.state == "greeted" then return "Refused, but you have not introduced yourself: EHLO me comes first." end
      end,
      wrong = "EHLO me", play = "MAIL FROM:<alice@gmail.com>",
      well = "530: first TLS.",
    },
    {
      goal = "Look at the list of EHLO with :caps. Which capability that you need for a login is missing?",
      hints = {"It has four letters.", ":answer AUTH"},
      answer = "AUTH", wrong = ":answer SIZE", play = ":caps\n:answer AUTH",
      well = "AUTH is not offered in the clear, so that nobody sends a password that others can read.",
    },
    {
      goal = "Switch to TLS.",
      hints = {"STARTTLS"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if at.s and at.s.tls and r.code == 220 and r.cmd:upper() == "STARTTLS" then return true end
        end
      end,
      remark = function(at) if at.s and at.s.tls then return "This port has implicit TLS. Type :open sandbox:gmail, then EHLO and STARTTLS." end end,
      wrong = "STARTTLS now", play = "STARTTLS",
      well = "After 220 both sides agreed on keys. :tls and :cert show with what, and whom you are talking to.",
    },
    {
      goal = "The server has forgotten all that was said before. Find out what it offers now, and compare with :caps.",
      hints = {"Say EHLO again.", "EHLO me"},
      done = function(at) return at.s and at.s.tls and at.s:has("AUTH") and not at.s:has("STARTTLS") end,
      wrong = "MAIL FROM:<alice@gmail.com>", play = "EHLO me\n:caps",
      well = "AUTH has come, STARTTLS has gone.",
    },
  },
  meaning = [[
    The server forgets on purpose: somebody on the way could have changed the first list, for instance struck STARTTLS out so that the client goes on in the clear.
    That is why a client that wants TLS must insist on it and look at the certificate, and why port 465, where TLS comes first and no word is spoken
    before, is the safer service. Between servers on port 25 TLS is usually taken if offered; MTA-STS and DANE make it a must.]],
}
