lesson{
  title = "Open relays",
  server = "sandbox:plain/25",
  about = [[
    A server takes mail for its own mailboxes from anybody, and mail for the rest of the world only from people it knows. One that takes everything from everybody is
    an open relay: spammers find it within hours. This server serves sandbox.test.]],
  steps = {
    {
      goal = "Find out whether this server would pass on a letter from a stranger to victim@example.com.",
      hints = {"The question is asked with MAIL FROM and RCPT TO; no letter needs to be sent.", "EHLO me, MAIL FROM:<stranger@example.org>, RCPT TO:<victim@example.com>"},
      done = function(at) return at.reply and at.reply.cmd:upper():find("^RCPT") and at.reply.cmd:find("example.com", 1, true) and at.reply.perm end,
      wrong = "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<bob@sandbox.test>",
      play = "RCPT TO:<victim@example.com>",
      well = "550 5.7.1: it does not relay for strangers. So it should be.",
    },
    {
      goal = "Now another one: :open sandbox:strict+open-relay/25, and ask it the same.",
      hints = {":open sandbox:strict+open-relay/25, then EHLO, MAIL and RCPT as before."},
      done = function(at)
        return at.s and not at.s.closed and at.reply and at.reply.cmd:upper():find("^RCPT") and at.reply.cmd:find("example.com", 1, true) and at.reply.ok
      end,
      wrong = ":open sandbox:strict+open-relay/25\nEHLO me.example.org\nMAIL FROM:<stranger@example.org>",
      play = "RCPT TO:<victim@example.com>",
      well = "250: it would. Whoever runs it will be on a list of blocked servers before long.",
    },
    {
      goal = "You have shown it without sending anything. Leave the transaction politely.",
      hints = {"RSET or QUIT; what counts is that no letter goes out."},
      done = function(at) return #at.messages == 0 and at.reply and at.reply.ok and (at.reply.code == 221 or at.s.state == "ready") end,
      remark = function(at) if #at.messages > 0 then return "Now a letter has gone out through it, and a real one would have reached somebody. :lesson 13 begins anew." end end,
      wrong = "NOOP", play = "RSET",
      well = "A test for open relays never sends a letter: the reply to RCPT is the answer.",
    },
  },
  meaning = [[
    Relays were open to all until the nineties. Today a server relays for those who have logged in (submission, ports 587 and 465) or come from its own network, and the open relay
    is a mistake of configuration: a network mask too wide, a pattern that matches too much, a web form behind it. smtpsh run open-relay asks a server in many ways.]],
}
