lesson{
  title = "RSET, and starting over",
  about = [[
    A transaction is open from MAIL to the end of the letter. RSET throws away what was said of it and keeps the session: no new connection, no new EHLO.]],
  steps = {
    {
      goal = "Begin a transaction from wrong@example.org to bob@sandbox.test, and stop before DATA.",
      hints = {"EHLO, MAIL FROM, RCPT TO.", "EHLO me, MAIL FROM:<wrong@example.org>, RCPT TO:<bob@sandbox.test>"},
      done = function(at) return at.from and at.from:lower() == "wrong@example.org" and #at.rcpts == 1 and at.rcpts[1]:lower() == "bob@sandbox.test" end,
      remark = function(at)
        if at.rcpts and #at.rcpts > 0 then return "The envelope is from " .. at.from .. " to " .. table.concat(at.rcpts, ", ") .. "; RSET and begin with the one of the goal." end
      end,
      wrong = "EHLO me\nRCPT TO:<bob@sandbox.test>", play = "MAIL FROM:<wrong@example.org>\nRCPT TO:<bob@sandbox.test>",
      well = "The prompt shows the envelope so far.",
    },
    {
      goal = "That was the wrong sender. Try a second MAIL FROM, with right@example.org, and see what the server says.",
      hints = {"MAIL FROM:<right@example.org>, although a transaction is open."},
      done = function(at)
        local r = at.reply
        return r and r.cmd:lower():find("^mail from:<right@example%.org>") and r.code == 503 and at.from ~= nil
      end,
      remark = function(at)
        if not at.from then return "No transaction is open now: begin again from wrong@example.org, then say the second MAIL." end
      end,
      wrong = "NOOP", play = "MAIL FROM:<right@example.org>",
      well = "503: a transaction is open already. There is one at a time.",
    },
    {
      goal = "Throw the transaction away and send a letter from right@example.org to bob@sandbox.test.",
      hints = {"RSET forgets the envelope; then begin with MAIL again.", "RSET, MAIL FROM:<right@example.org>, RCPT TO:<bob@sandbox.test>, DATA, text, dot"},
      done = function(at)
        local last = at.arrived[#at.arrived]
        return last and last.from:lower() == "right@example.org" and last.rcpts[1]:lower() == "bob@sandbox.test"
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last then return "That letter went from " .. last.from .. " to " .. last.rcpts[1] .. "; send another one." end
      end,
      wrong = "RSET", play = "RSET\nMAIL FROM:<right@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: right\n\nhello\n.",
      well = "The first envelope has left no trace.",
    },
  },
  meaning = [[
    Servers keep one connection open for many letters: after each the transaction is empty again, and RSET makes it so at any time. EHLO does it too, and so does
    STARTTLS, which makes the server forget everything. What you cannot take back is DATA: from 354 on only the dot ends it, or hanging up.]],
}
