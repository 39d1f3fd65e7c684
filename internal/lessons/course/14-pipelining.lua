lesson{
  title = "Pipelining",
  about = [[
    Every command waits for its reply, and over a long line the waiting is all that takes time: four commands are four round trips. A server that offers PIPELINING
    lets you send several at once; the replies come in the same order.

    :pipe collects lines up to a dot and sends them together.]],
  steps = {
    {
      goal = "Make sure that the server offers it.",
      hints = {"EHLO me, and look for the word."},
      done = function(at) return at.s and at.s:has("PIPELINING") end,
      wrong = "HELO me", play = "EHLO me",
      well = "It does. Sending ahead to a server that does not offer it may lose commands.",
    },
    {
      goal = "Send MAIL, two RCPT (bob@sandbox.test and unknown-user@sandbox.test) and DATA in one go, and finish the letter.",
      hints = {"Type :pipe, the four commands, and a dot. When 354 comes, the letter follows.", ":pipe, MAIL FROM:<ann@example.org>, RCPT TO:<bob@sandbox.test>, RCPT TO:<unknown-user@sandbox.test>, DATA, a dot; then text and a dot."},
      done = function(at)
        local verbs, rcpts = {}, {}
        for _, r in ipairs(at.fresh) do
          verbs[#verbs + 1] = r.cmd:upper():sub(1, 4)
          local who = r.cmd:lower():match("^rcpt to:<([^>]*)>")
          if who then rcpts[who] = r.ok end
        end
        return #at.arrived > 0 and at.line:find("^%s*:pi") and table.concat(verbs, " "):find("MAIL RCPT RCPT DATA %.$")
          and rcpts["bob@sandbox.test"] == true and rcpts["unknown-user@sandbox.test"] == false
      end,
      remark = function(at)
        if #at.arrived == 0 then return end
        if at.line:find("^%s*:pi") then return "The letter arrived, but the group was not MAIL, RCPT for bob, RCPT for unknown-user, DATA." end
        return "The letter arrived, but one step at a time. Use :pipe."
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: slow\n\nslow\n.",
      play = ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\n.\nSubject: fast\n\nfast\n.",
      well = "Four commands, one round trip; each reply stands beside its command. :diagram shows the group with a bracket.",
    },
    {
      goal = "A question: DATA left before you knew whether any recipient was accepted. With which code does a server answer DATA when none was? :pipe MAIL, RCPT TO:<unknown-user@sandbox.test>, DATA and look.",
      hints = {"There is no 354 without a recipient.", ":answer 503"},
      answer = {"503", "554"}, wrong = ":answer 354",
      play = ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\n.\n:answer 503",
      well = "503 or 554. Had it been 354, the client would have to send an empty letter, just a dot.",
    },
  },
  meaning = [[
    Pipelining is why mail servers are fast over long lines. Some commands must come last in a group, because what follows depends on their reply: DATA, EHLO, STARTTLS, QUIT.
    A spam filter may also use it: a client that pipelines before EHLO, or without being offered it, is a bad program, and mostly a spammer.]],
}
