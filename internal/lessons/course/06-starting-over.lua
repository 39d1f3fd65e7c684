lesson{
  title = "RSET: begin a transaction again",
  about = [[
    A transaction lasts from MAIL to the end of the message. RSET deletes its envelope and keeps the session: no new connection and no new EHLO are needed.]],
  steps = {
    {
      goal = "Begin a transaction from wrong@example.org to bob@sandbox.test, and stop before DATA.",
      hints = {"EHLO, MAIL FROM, RCPT TO.", "EHLO me, MAIL FROM:<wrong@example.org>, RCPT TO:<bob@sandbox.test>"},
      done = function(at) return at.from and at.from:lower() == "wrong@example.org" and #at.rcpts == 1 and at.rcpts[1]:lower() == "bob@sandbox.test" end,
      remark = function(at)
        if at.rcpts and #at.rcpts > 0 then return "The envelope is from " .. at.from .. " to " .. table.concat(at.rcpts, ", ") .. "; send RSET and begin with the addresses of the goal." end
      end,
      wrong = "EHLO me\nRCPT TO:<bob@sandbox.test>", play = "MAIL FROM:<wrong@example.org>\nRCPT TO:<bob@sandbox.test>",
      well = "The prompt shows the envelope.",
    },
    {
      goal = "That was the wrong sender. Try a second MAIL FROM with right@example.org and read the reply.",
      hints = {"MAIL FROM:<right@example.org>, although a transaction is open."},
      done = function(at)
        local r = at.reply
        return r and r.cmd:lower():find("^mail from:<right@example%.org>") and r.code == 503 and at.from ~= nil
      end,
      remark = function(at)
        if not at.from then return "No transaction is open. Begin again with wrong@example.org, then send the second MAIL." end
      end,
      wrong = "NOOP", play = "MAIL FROM:<right@example.org>",
      well = "503: a transaction is already open. Only one is possible at a time.",
    },
    {
      goal = "Delete the transaction and send a message from right@example.org to bob@sandbox.test.",
      hints = {"RSET deletes the envelope. Then begin with MAIL again.", "RSET, MAIL FROM:<right@example.org>, RCPT TO:<bob@sandbox.test>, DATA, text, dot"},
      done = function(at)
        local last = at.arrived[#at.arrived]
        return last and last.from:lower() == "right@example.org" and last.rcpts[1]:lower() == "bob@sandbox.test"
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last then return "That message went from " .. last.from .. " to " .. last.rcpts[1] .. "; send another one." end
      end,
      wrong = "RSET", play = "RSET\nMAIL FROM:<right@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: right\n\nhello\n.",
      well = "Nothing is left of the first envelope.",
    },
  },
  meaning = [[
    You have corrected an envelope without a new connection. Programs do this when they send many messages over one connection. EHLO and STARTTLS also
    delete the envelope. DATA cannot be undone: after 354 only the dot ends the message, or closing the connection.]],
}
