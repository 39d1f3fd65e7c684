lesson{
  title = "STARTTLS, and AUTH after it",
  server = "sandbox:gmail",
  about = [[
    This server answers as smtp.gmail.com does on port 587. The connection begins unencrypted: anybody on the network
    path can read it. The command STARTTLS changes it to TLS.]],
  steps = {
    {
      goal = "Introduce yourself and try to send: MAIL FROM:<alice@gmail.com>. Read the reply.",
      hints = {"EHLO me, then MAIL FROM:<alice@gmail.com>.", ":why explains what Google requires."},
      done = function(at)
        return at.reply and at.reply.code == 530 and at.s and not at.s.tls and at.s.state == "ready" and at.reply.cmd:lower():find("^mail from:%s*<alice@gmail%.com>")
      end,
      remark = function(at)
        if at.s and at.s.tls then return "TLS is active already. :lesson 9 begins again: this step is about the reply before TLS." end
        if at.reply and at.reply.code == 530 and at.s and at.s.state == "greeted" then return "The server rejected it, but you have not introduced yourself. Send EHLO me first." end
      end,
      wrong = "EHLO me", play = "MAIL FROM:<alice@gmail.com>",
      well = "530: this server requires STARTTLS first.",
    },
    {
      goal = "Look at the EHLO list from before TLS with :caps. An extension that a login needs is missing in it. Which one?",
      hints = {"It has four letters.", ":answer AUTH"},
      answer = "AUTH", wrong = ":answer SIZE", play = ":caps\n:answer AUTH",
      well = "The server does not offer AUTH on an unencrypted connection. So a client does not send a password that others can read.",
    },
    {
      goal = "Switch the connection to TLS.",
      hints = {"STARTTLS", "If TLS is active already, begin again: :open sandbox:gmail, EHLO me, STARTTLS"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if at.s and at.s.tls and r.code == 220 and r.cmd:upper() == "STARTTLS" then return true end
        end
      end,
      remark = function(at) if at.s and at.s.tls then return "TLS is active already. Type :open sandbox:gmail, then send EHLO and STARTTLS." end end,
      wrong = "STARTTLS now", play = "STARTTLS",
      well = "After the 220 both sides agreed on keys. :tls shows the encryption; :cert shows the certificate of the server.",
    },
    {
      goal = "The server has forgotten your EHLO. Find out what it offers now, and compare the lists with :caps.",
      hints = {"Send EHLO again.", "EHLO me"},
      done = function(at) return at.s and at.s.tls and at.s:has("AUTH") and not at.s:has("STARTTLS") end,
      wrong = "MAIL FROM:<alice@gmail.com>", play = "EHLO me\n:caps",
      well = "Now the server offers AUTH, and it no longer offers STARTTLS.",
    },
  },
  meaning = [[
    You have changed an unencrypted connection to TLS and seen that AUTH is offered only after it. So a client can
    keep the password secret.

    The server forgets the first EHLO for a reason: an attacker on the network path can change the unencrypted list,
    for example remove STARTTLS from it. So a client that needs TLS must stop if STARTTLS is missing, and it must
    verify the certificate. Port 465 avoids the problem, because TLS begins before any SMTP. Between mail servers
    (port 25), TLS is usually optional. MTA-STS and DANE let a domain require it.]],
}
