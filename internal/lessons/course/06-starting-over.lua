lesson{
  title = "RSET, and starting over",
  about = [[
    A transaction is open from MAIL to the end of the letter. RSET throws away what was said of it and keeps the session: no new connection, no new EHLO.]],
  steps = {
    {
      goal = "Begin a transaction from wrong@example.org to bob@sandbox.test, and stop before DATA.",
      hints = {"EHLO, MAIL FROM, RCPT TO.", "EHLO me, MAIL FROM:<wrong@example.org>, RCPT TO:<bob@sandbox.test>"},
      done = function(at) return at.s and at.s.state == "rcpt" and table.concat(at.said, " "):lower():find("wrong@example.org", 1, true) end,
      wrong = "EHLO me\nRCPT TO:<bob@sandbox.test>", play = "MAIL FROM:<wrong@example.org>\nRCPT TO:<bob@sandbox.test>",
      well = "The prompt shows the envelope so far.",
    },
    {
      goal = "That was the wrong sender. Try a second MAIL FROM, with right@example.org, and see what the server says.",
      hints = {"MAIL FROM:<right@example.org>, although a transaction is open."},
      done = function(at) return at.reply and at.reply.cmd:upper():find("^MAIL") and not at.reply.ok end,
      wrong = "NOOP", play = "MAIL FROM:<right@example.org>",
      well = "503: a transaction is open already. There is one at a time.",
    },
    {
      goal = "Throw the transaction away and send a letter from right@example.org to bob@sandbox.test.",
      hints = {"RSET forgets the envelope; then begin with MAIL again.", "RSET, MAIL FROM:<right@example.org>, RCPT TO:<bob@sandbox.test>, DATA, text, dot"},
      done = function(at)
        local last = at.messages[#at.messages]
        return last and last.from == "right@example.org" and last.rcpts[1] == "bob@sandbox.test"
      end,
      remark = function(at)
        local last = at.messages[#at.messages]
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
