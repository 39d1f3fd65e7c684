-- the question of an open relay as the latest reply answers it: a stranger, who has
-- not logged in, names a recipient elsewhere in an open transaction
local function asked(at, target)
  local r = at.reply
  return at.s and not at.s.closed and at.target:find(target) and at.s.user == nil and at.from and r
    and (r.cmd:lower() .. " "):find("^rcpt to:<victim@example%.com> ")
end

lesson{
  title = "Open relays",
  server = "sandbox:plain/25",
  about = [[
    A server accepts mail for its own mailboxes from anybody. It accepts mail for other domains only from its own users. A server that accepts all mail
    from everybody is an open relay: spammers find it within hours. This server serves sandbox.test.]],
  steps = {
    {
      goal = "Find out whether this server would relay a message from a stranger to victim@example.com.",
      hints = {"MAIL FROM and RCPT TO are enough; you need not send a message.", "EHLO me, MAIL FROM:<stranger@example.org>, RCPT TO:<victim@example.com>"},
      done = function(at) return asked(at, "^sandbox:plain/") and at.reply.code == 550 and at.reply.enhanced == "5.7.1" end,
      remark = function(at)
        local r = at.reply
        if not r or not r.cmd:upper():find("^RCPT") or r.ok then return end
        if r.code == 503 then return "Rejected because of the order of commands. This says nothing about relaying: send MAIL FROM first." end
        if r.enhanced == "5.1.1" then return "Rejected because the mailbox does not exist. This says nothing about relaying." end
        if r.code == 501 or r.code == 555 then return "Rejected because of its syntax. This says nothing about relaying." end
      end,
      wrong = "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<bob@sandbox.test>",
      play = "RCPT TO:<victim@example.com>",
      well = "550 5.7.1: it does not relay for strangers. This is correct.",
    },
    {
      goal = "Now test another server: type :open sandbox:strict+open-relay/25 and send the same commands.",
      hints = {":open sandbox:strict+open-relay/25, then EHLO, MAIL and RCPT as before."},
      done = function(at) return asked(at, "+open%-relay") and at.reply.ok end,
      wrong = ":open sandbox:strict+open-relay/25\nEHLO me.example.org\nMAIL FROM:<stranger@example.org>",
      play = "RCPT TO:<victim@example.com>",
      well = "250: it would relay. Such a server is soon on block lists.",
    },
    {
      goal = "You have shown it without sending a message. End the transaction politely.",
      hints = {"RSET or QUIT. Do not send a message."},
      done = function(at)
        local r = at.reply
        for _, x in ipairs(at.replies) do
          if x.ok and (x.cmd == "." or x.cmd:upper():find("^BDAT.*LAST")) then return false end
        end
        return r and r.ok and #at.arrived == 0 and at.target:find("+open%-relay") and (r.cmd:upper() == "RSET" or r.cmd:upper() == "QUIT")
      end,
      remark = function(at) if #at.arrived > 0 then return "You have sent a message through the relay; a real one would have reached somebody. Type :lesson 13 to begin again." end end,
      wrong = "NOOP", play = "RSET",
      well = "A test for open relays sends no message: the reply to RCPT is usually the answer. Some servers reject only after the message.",
    },
  },
  meaning = [[
    You can test a server for open relaying. Today a server relays only for users who have logged in (submission, ports 587 and 465) or for its own network.
    An open relay is a configuration error: a network mask that is too wide, a pattern that matches too much, or a web form that sends through it.
    smtpsh run open-relay tests a server in many ways.]],
}
