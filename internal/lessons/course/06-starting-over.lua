lesson{
  title = "RSET: begin a transaction again",
  about = [[
    A transaction begins with MAIL and ends when the server has answered the end of the message. RSET discards the
    transaction and keeps the session. You need no new connection and no new EHLO.]],
  steps = {
    {
      goal = "Begin a transaction from wrong@example.org to bob@sandbox.test. Do not send DATA.",
      hints = {"EHLO, MAIL FROM, RCPT TO.", "EHLO me, MAIL FROM:<wrong@example.org>, RCPT TO:<bob@sandbox.test>"},
      done = function(at) return at.from and at.from:lower() == "wrong@example.org" and #at.rcpts == 1 and at.rcpts[1]:lower() == "bob@sandbox.test" end,
      remark = function(at)
        if at.rcpts and #at.rcpts > 0 then return "The envelope is from " .. at.from .. " to " .. table.concat(at.rcpts, ", ") .. ". Send RSET and use the addresses of the goal." end
      end,
      wrong = "EHLO me\nRCPT TO:<bob@sandbox.test>", play = "MAIL FROM:<wrong@example.org>\nRCPT TO:<bob@sandbox.test>",
      well = "The prompt shows \"rcpt 1\": a transaction is open, and it has one recipient.",
    },
    {
      goal = "The sender was wrong. Send a second MAIL FROM, with right@example.org, and read the reply.",
      hints = {"Send this command although a transaction is open.", "MAIL FROM:<right@example.org>"},
      done = function(at)
        local r = at.reply
        return r and r.cmd:lower():find("^mail from:<right@example%.org>") and r.code == 503 and at.from ~= nil
      end,
      remark = function(at)
        if not at.from then return "No transaction is open now. Begin again from wrong@example.org, then send the second MAIL." end
      end,
      wrong = "NOOP", play = "MAIL FROM:<right@example.org>",
      well = "503: a transaction is open already. A session has only one transaction at a time.",
    },
    {
      goal = "Discard the transaction. Then send a message from right@example.org to bob@sandbox.test.",
      hints = {
        "RSET discards the envelope. Then begin again with MAIL.",
        "RSET, MAIL FROM:<right@example.org>, RCPT TO:<bob@sandbox.test>, DATA, text, a line with only a dot",
      },
      done = function(at)
        local last = at.arrived[#at.arrived]
        return last and last.from:lower() == "right@example.org" and last.rcpts[1]:lower() == "bob@sandbox.test"
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last then return "That message went from " .. last.from .. " to " .. last.rcpts[1] .. ". Send another one." end
      end,
      wrong = "RSET", play = "RSET\nMAIL FROM:<right@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: right\n\nhello\n.",
      well = "The server kept nothing of the first envelope.",
    },
  },
  meaning = [[
    You have stopped a transaction and sent a different message in the same session. Mail servers do this too: they
    send many messages over one connection. After each message the transaction is empty again, and RSET empties it at
    any time before DATA.

    A new EHLO also discards the transaction. STARTTLS makes the server forget the EHLO too. After the 354 reply to
    DATA, RSET is no longer possible: you must end the message with a dot, or close the connection.]],
}
