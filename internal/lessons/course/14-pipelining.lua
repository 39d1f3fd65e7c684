lesson{
  title = "Pipelining",
  about = [[
    Without pipelining a client waits for the reply to each command. Over a slow network the waiting takes most of the time: four commands are four round
    trips. If a server offers PIPELINING, a client can send several commands at once. The replies come in the same order.

    :pipe collects lines up to a line with a single dot and sends them together.]],
  steps = {
    {
      goal = "Check that the server offers it.",
      hints = {"Send EHLO me and look for PIPELINING."},
      done = function(at) return at.s and at.s:has("PIPELINING") end,
      wrong = "HELO me", play = "EHLO me",
      well = "It does. A server that does not offer it may lose commands.",
    },
    {
      goal = "Send MAIL, two RCPT (bob@sandbox.test and unknown-user@sandbox.test) and DATA together, and finish the message.",
      hints = {"Type :pipe, the four commands, and a dot. After 354 send the message.", ":pipe, MAIL FROM:<ann@example.org>, RCPT TO:<bob@sandbox.test>, RCPT TO:<unknown-user@sandbox.test>, DATA, a dot; then text and a dot."},
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
        if at.line:find("^%s*:pi") then return "The message arrived, but the group was not MAIL, RCPT for bob, RCPT for unknown-user, DATA." end
        return "The message arrived, but one command at a time. Use :pipe."
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: slow\n\nslow\n.",
      play = ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\n.\nSubject: fast\n\nfast\n.",
      well = "Four commands, one round trip. Each reply is shown with its command. :diagram shows the group with a bracket.",
    },
    {
      goal = "A question: DATA was sent before you knew whether any recipient was accepted. Which code does the server send for DATA if none was? Try it: :pipe with MAIL, RCPT TO:<unknown-user@sandbox.test>, DATA.",
      hints = {"The server sends no 354 without an accepted recipient.", ":answer 503"},
      answer = {"503", "554"}, wrong = ":answer 354",
      play = ":pipe\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>\nDATA\n.\n:answer 503",
      well = "503 or 554. After 354 the client would have to send an empty message: only the dot.",
    },
  },
  meaning = [[
    You have sent four commands in one round trip. Mail servers use pipelining to be fast over slow networks. Some commands must be the last of a group,
    because the next step depends on their reply: DATA, EHLO, STARTTLS, QUIT. Spam filters use it too: a client that sends ahead without being
    offered PIPELINING is usually a spammer.]],
}
