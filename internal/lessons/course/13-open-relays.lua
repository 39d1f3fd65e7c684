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
    A server takes mail for its own mailboxes from anybody, and mail for the rest of the world only from people it knows. One that takes everything from everybody is
    an open relay: spammers find it within hours. This server serves sandbox.test.]],
  steps = {
    {
      goal = "Find out whether this server would pass on a letter from a stranger to victim@example.com.",
      hints = {"The question is asked with MAIL FROM and RCPT TO; no letter needs to be sent.", "EHLO me, MAIL FROM:<stranger@example.org>, RCPT TO:<victim@example.com>"},
      done = function(at) return asked(at, "^sandbox:plain/") and at.reply.code == 550 and at.reply.enhanced == "5.7.1" end,
      remark = function(at)
        local r = at.reply
        if not r or not r.cmd:upper():find("^RCPT") or r.ok then return end
        if r.code == 503 then return "Refused for the order of commands, which says nothing of relaying: MAIL FROM comes first." end
        if r.enhanced == "5.1.1" then return "Refused because there is no such mailbox; that is not about relaying." end
        if r.code == 501 or r.code == 555 then return "Refused for how it was written, which says nothing of relaying." end
      end,
      wrong = "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<bob@sandbox.test>",
      play = "RCPT TO:<victim@example.com>",
      well = "550 5.7.1: it does not relay for strangers. So it should be.",
    },
    {
      goal = "Now another one: :open sandbox:strict+open-relay/25, and ask it the same.",
      hints = {":open sandbox:strict+open-relay/25, then EHLO, MAIL and RCPT as before."},
      done = function(at) return asked(at, "+open%-relay") and at.reply.ok end,
      wrong = ":open sandbox:strict+open-relay/25\nEHLO me.example.org\nMAIL FROM:<stranger@example.org>",
      play = "RCPT TO:<victim@example.com>",
      well = "250: it would. Whoever runs it will be on a list of blocked servers before long.",
    },
    {
      goal = "You have shown it without sending anything. Leave the transaction politely.",
      hints = {"RSET or QUIT; what counts is that no letter goes out."},
      done = function(at)
        local r = at.reply
        for _, x in ipairs(at.replies) do
          if x.ok and (x.cmd == "." or x.cmd:upper():find("^BDAT.*LAST")) then return false end
        end
        return r and r.ok and #at.arrived == 0 and at.target:find("+open%-relay") and (r.cmd:upper() == "RSET" or r.cmd:upper() == "QUIT")
      end,
      remark = function(at) if #at.arrived > 0 then return "Now a letter has gone out through it, and a real one would have reached somebody. :lesson 13 begins anew." end end,
      wrong = "NOOP", play = "RSET",
      well = "A test for open relays never sends a letter: the reply to RCPT is the answer.",
    },
  },
  meaning = [[
    Relays were open to all until the nineties. Today a server relays for those who have logged in (submission, ports 587 and 465) or come from its own network, and the open relay
    is a mistake of configuration: a network mask too wide, a pattern that matches too much, a web form behind it. smtpsh run open-relay asks a server in many ways.]],
}
