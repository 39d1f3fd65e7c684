lesson{
  title = "STARTTLS comes before AUTH",
  server = "sandbox:gmail",
  about = [[
    This server answers like smtp.gmail.com on port 587. The connection begins unencrypted: others in the network can read it. STARTTLS starts encryption (TLS).]],
  steps = {
    {
      goal = "Send EHLO, then try MAIL FROM:<alice@gmail.com>. Read the rejection.",
      hints = {"EHLO me, then MAIL FROM:<alice@gmail.com>.", ":why explains what Google requires."},
      done = function(at)
        return at.reply and at.reply.code == 530 and at.s and not at.s.tls and at.s.state == "ready" and at.reply.cmd:lower():find("^mail from:%s*<alice@gmail%.com>")
      end,
      remark = function(at)
        if at.s and at.s.tls then return "TLS is already active. Type :lesson 9 to begin again: this step is about the reply before TLS." end
        if at.reply and at.reply.code == 530 and at.s and at.s.state == "greeted" then return "Rejected, but EHLO is missing: send EHLO me first." end
      end,
      wrong = "EHLO me", play = "MAIL FROM:<alice@gmail.com>",
      well = "530: TLS is required first.",
    },
    {
      goal = "Look at the extensions with :caps. Which one, needed for a login, is missing?",
      hints = {"It has four letters.", ":answer AUTH"},
      answer = "AUTH", wrong = ":answer SIZE", play = ":caps\n:answer AUTH",
      well = "The server does not offer AUTH without encryption, so that nobody sends a readable password.",
    },
    {
      goal = "Start TLS.",
      hints = {"STARTTLS"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if at.s and at.s.tls and r.code == 220 and r.cmd:upper() == "STARTTLS" then return true end
        end
      end,
      remark = function(at) if at.s and at.s.tls then return "This port has implicit TLS. Type :open sandbox:gmail, then EHLO and STARTTLS." end end,
      wrong = "STARTTLS now", play = "STARTTLS",
      well = "After 220 client and server agreed on keys. :tls shows the encryption, :cert shows the server's certificate.",
    },
    {
      goal = "After STARTTLS the server has forgotten your EHLO. Find out what it offers now, and compare with :caps.",
      hints = {"Send EHLO again.", "EHLO me"},
      done = function(at) return at.s and at.s.tls and at.s:has("AUTH") and not at.s:has("STARTTLS") end,
      wrong = "MAIL FROM:<alice@gmail.com>", play = "EHLO me\n:caps",
      well = "AUTH is new, STARTTLS is gone.",
    },
  },
  meaning = [[
    You have encrypted a session. The server forgets the first EHLO because an attacker in the network could have changed its list, for example by
    removing STARTTLS. So a client must require TLS and check the certificate. Port 465 is safer, because TLS begins before the first command.
    Between servers on port 25, TLS is used if offered; MTA-STS and DANE make it a requirement.]],
}
