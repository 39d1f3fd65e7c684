local function delivered(at)
  for _, m in ipairs(at.arrived) do
    local seen = {}
    for _, r in ipairs(m.rcpts) do seen[r] = true end
    if seen["ann@sandbox.test"] and seen["bob@sandbox.test"] then return m end
  end
end

lesson{
  title = "Several recipients, one rejected",
  about = [[
    One message can have many recipients. The client sends RCPT TO once for each, and the server accepts or rejects each of them separately.
    At sandbox.test there are ann and bob. unknown-user@sandbox.test does not exist.]],
  steps = {
    {
      goal = "Begin a transaction with three recipients: ann, unknown-user and bob at sandbox.test.",
      hints = {"EHLO, MAIL FROM, and three times RCPT TO.", "RCPT TO:<ann@sandbox.test>, RCPT TO:<unknown-user@sandbox.test>, RCPT TO:<bob@sandbox.test>"},
      done = function(at)
        local taken, refused = {}, false
        for _, r in ipairs(at.rcpts or {}) do taken[r:lower()] = true end
        for _, r in ipairs(at.replies) do
          local cmd = r.cmd:lower()
          if r.ok and (cmd:find("^rset") or cmd:find("^ehlo") or cmd:find("^helo") or cmd:find("^mail")) then refused = false end
          if r.enhanced == "5.1.1" and cmd:match("^rcpt to:<([^>]*)>") == "unknown-user@sandbox.test" then refused = true end
        end
        return taken["ann@sandbox.test"] and taken["bob@sandbox.test"] and refused
      end,
      remark = function(at) if at.reply and at.reply.code == 503 then return "Recipients come after MAIL FROM." end end,
      wrong = "EHLO me\nMAIL FROM:<me@example.org>\nRCPT TO:<ann@sandbox.test>",
      play = "RSET\nMAIL FROM:<me@example.org>\nRCPT TO:<ann@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\nRCPT TO:<bob@sandbox.test>",
      well = "One was rejected. The transaction continues with the other two.",
    },
    {
      goal = "Send the message to the accepted recipients.",
      hints = {"Continue with DATA as usual.", "DATA, some lines, and a dot."},
      done = function(at) return delivered(at) ~= nil end,
      remark = function(at) if #at.arrived > 0 then return "It has arrived, but not for both ann and bob." end end,
      wrong = "NOOP", play = "DATA\nSubject: for both\n\nhello\n.",
      well = "The message was sent once for two mailboxes. :mailbox 1 shows its envelope.",
    },
    {
      goal = "A question: what must the sender's server do for the recipient that was rejected with 550? Answer with one word: bounce or retry.",
      hints = {"550 begins with 5.", ":answer bounce"},
      answer = {"bounce", "a bounce", "report"}, wrong = ":answer retry", play = ":answer bounce",
      well = "It sends a report to the reverse-path: the message did not reach this recipient. After 450 it would try again.",
    },
  },
  meaning = [[
    Each recipient gets its own reply. A program that checks only the last reply loses mail without noticing, so a test of a mail system should have
    one good and one bad recipient. After the message there is one reply for all recipients. Only LMTP has one reply for each mailbox.]],
}
