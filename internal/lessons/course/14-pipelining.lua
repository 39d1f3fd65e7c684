lesson{
  title = "Pipelining",
  about = [[
    Usually a client waits for the reply to each command. With a slow network, this waiting takes most of the time:
    four commands need four round trips. If a server offers PIPELINING, the client may send several commands at once.
    The replies come in the same order.

    :pipe reads lines until a line with only a dot, and then sends them together.]],
  steps = {
    {
      goal = "Check that the server offers PIPELINING.",
      hints = {"EHLO me, then look for PIPELINING in the list."},
      done = function(at) return at.s and at.s:has("PIPELINING") end,
      wrong = "HELO me", play = "EHLO me",
      well = "It does. Never send ahead to a server that does not offer PIPELINING: commands may be lost.",
    },
    {
      goal = "Send MAIL, two RCPT (bob@sandbox.test and unknown-user@sandbox.test) and DATA in one group. Then finish the message.",
      hints = {
        "Type :pipe, the four commands, and a dot. After the 354, type the message.",
        ":pipe, MAIL FROM:<ann@example.org>, RCPT TO:<bob@sandbox.test>, RCPT TO:<unknown-user@sandbox.test>, DATA, a dot; then text and a dot.",
      },
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
        if at.line:find("^%s*:pi") then return "The server accepted the message, but the group was not MAIL, RCPT for bob, RCPT for unknown-user, DATA." end
        return "The server accepted the message, but you sent one command at a time. Use :pipe."
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: slow\n\nslow\n.",
      play = ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\n.\nSubject: fast\n\nfast\n.",
      well = "Four commands, one round trip. smtpsh shows each reply next to its command. :diagram marks the group with a bracket.",
    },
    {
      goal = "A question: with pipelining, the client sends DATA before it knows whether a recipient was accepted. With which code does the server reply to DATA if no recipient was accepted? Use :pipe with MAIL, RCPT TO:<unknown-user@sandbox.test> and DATA to see it.",
      hints = {"Without a recipient the server does not send 354.", ":answer 503"},
      answer = {"503", "554"}, wrong = ":answer 354",
      play = ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\n.\n:answer 503",
      well = "503 or 554. If a server sends 354 here, the client must send an empty message: a line with only a dot.",
    },
  },
  meaning = [[
    You have sent four commands in one round trip. This makes mail fast over connections with a high delay.

    Some commands must be the last of a group, because the client needs their reply before it continues, for
    example EHLO, STARTTLS, DATA and QUIT. And a client must use PIPELINING only if the server offers it. Spam filters check this: a
    client that sends ahead before EHLO, or without permission, is usually a spammer.]],
}
