-- asked reports whether the latest reply answers the test for an open relay: a client that
-- has not logged in names a recipient in another domain, in an open transaction
local function asked(at, target)
  local r = at.reply
  return at.s and not at.s.closed and at.target:find(target) and at.s.user == nil and at.from and r
    and (r.cmd:lower() .. " "):find("^rcpt to:<victim@example%.com> ")
end

lesson{
  title = "Open relays",
  server = "sandbox:plain/25",
  about = [[
    A server accepts mail for its own mailboxes from anybody. It should accept mail for other domains only from its
    own users. A server that accepts mail for any domain from anybody is an open relay. Spammers find an open relay
    within hours. This server has the mailboxes of sandbox.test.]],
  steps = {
    {
      goal = "Find out whether this server would relay a message from a stranger to victim@example.com.",
      hints = {"Send MAIL FROM and RCPT TO. You do not need to send a message.", "EHLO me, MAIL FROM:<stranger@example.org>, RCPT TO:<victim@example.com>"},
      done = function(at) return asked(at, "^sandbox:plain/") and at.reply.code == 550 and at.reply.enhanced == "5.7.1" end,
      remark = function(at)
        local r = at.reply
        if not r or not r.cmd:upper():find("^RCPT") or r.ok then return end
        if r.code == 503 then return "503 means wrong order of commands. It says nothing about relaying. Send MAIL FROM first." end
        if r.enhanced == "5.1.1" then return "The server rejected it because the mailbox does not exist. That is not about relaying." end
        if r.code == 501 or r.code == 555 then return "The server rejected the syntax of the command. That says nothing about relaying." end
      end,
      wrong = "EHLO me\nMAIL FROM:<stranger@example.org>\nRCPT TO:<bob@sandbox.test>",
      play = "RCPT TO:<victim@example.com>",
      well = "550 5.7.1: the server does not relay for strangers. This is correct.",
    },
    {
      goal = "Open another server with :open sandbox:strict+open-relay/25 and test it in the same way.",
      hints = {":open sandbox:strict+open-relay/25, then EHLO, MAIL and RCPT as before."},
      done = function(at) return asked(at, "+open%-relay") and at.reply.ok end,
      wrong = ":open sandbox:strict+open-relay/25\nEHLO me.example.org\nMAIL FROM:<stranger@example.org>",
      play = "RCPT TO:<victim@example.com>",
      well = "250: it would relay. Blocklists will soon contain such a server.",
    },
    {
      goal = "You have shown that it relays. End the transaction without sending a message.",
      hints = {"RSET or QUIT. Do not send DATA."},
      done = function(at)
        local r = at.reply
        for _, x in ipairs(at.replies) do
          if x.ok and (x.cmd == "." or x.cmd:upper():find("^BDAT.*LAST")) then return false end
        end
        return r and r.ok and #at.arrived == 0 and at.target:find("+open%-relay") and (r.cmd:upper() == "RSET" or r.cmd:upper() == "QUIT")
      end,
      remark = function(at) if #at.arrived > 0 then return "You have sent a message through the open relay. A real server would have delivered it to a person. :lesson 13 begins again." end end,
      wrong = "NOOP", play = "RSET",
      well = "A test for open relays sends no message. The reply to RCPT usually shows whether the server relays and whether a mailbox exists. Some servers reject only after DATA.",
    },
  },
  meaning = [[
    You have tested two servers for relaying without sending a message. Today a server should relay only for users who
    have logged in (ports 587 and 465) and for its own network.

    An open relay is a configuration error, for example a network mask that includes too many addresses, or a pattern
    that matches too many recipients. Test your server after every such change: smtpsh run open-relay tries many ways
    to relay.]],
}
