local function delivered(at)
  for _, m in ipairs(at.messages) do
    local seen = {}
    for _, r in ipairs(m.rcpts) do seen[r] = true end
    if seen["ann@sandbox.test"] and seen["bob@sandbox.test"] then return m end
  end
end

lesson{
  title = "Several recipients, one refused",
  about = [[
    One letter can go to many people: RCPT TO is said once for each, and each is accepted or refused by itself.
    At sandbox.test there are ann and bob; unknown-user@sandbox.test does not exist.]],
  steps = {
    {
      goal = "Begin a transaction and name all three: ann, unknown-user and bob at sandbox.test.",
      hints = {"EHLO, MAIL FROM, and three times RCPT TO.", "RCPT TO:<ann@sandbox.test>, RCPT TO:<unknown-user@sandbox.test>, RCPT TO:<bob@sandbox.test>"},
      done = function(at)
        local seen = {}
        for _, r in ipairs(at.replies) do
          local cmd = r.cmd:lower()
          if cmd:find("^rset") or cmd:find("^ehlo") or cmd:find("^mail") then seen = {} end
          local who = cmd:match("^rcpt to:<([^>]*)>")
          if who then seen[who] = r.ok and "taken" or "refused" end
        end
        return at.s and at.s.state == "rcpt" and seen["ann@sandbox.test"] == "taken" and seen["bob@sandbox.test"] == "taken" and seen["unknown-user@sandbox.test"] == "refused"
      end,
      remark = function(at) if at.reply and at.reply.code == 503 then return "Recipients come after MAIL FROM." end end,
      wrong = "EHLO me\nMAIL FROM:<me@example.org>\nRCPT TO:<ann@sandbox.test>",
      play = "RSET\nMAIL FROM:<me@example.org>\nRCPT TO:<ann@sandbox.test>\nRCPT TO:<unknown-user@sandbox.test>\nRCPT TO:<bob@sandbox.test>",
      well = "One was refused, and the transaction is as good as before: the other two stand.",
    },
    {
      goal = "Send the letter to those who were accepted.",
      hints = {"Go on as if nothing had happened.", "DATA, some lines, and a dot."},
      done = function(at) return delivered(at) ~= nil end,
      remark = function(at) if #at.messages > 0 then return "It has arrived, but not for ann and bob together." end end,
      wrong = "NOOP", play = "DATA\nSubject: for both\n\nhello\n.",
      well = "One copy crossed the wire for two mailboxes. :mailbox 1 shows its envelope.",
    },
    {
      goal = "A question: what must the sender's server do about the one who was refused with 550? Answer with one word: bounce or retry.",
      hints = {"550 begins with 5.", ":answer bounce"},
      answer = {"bounce", "a bounce", "report"}, wrong = ":answer retry", play = ":answer bounce",
      well = "It writes a report to the reverse-path: the letter did not reach that one. Had it been 450, it would try again.",
    },
  },
  meaning = [[
    Mail to many is many verdicts, and a program that looks only at the last reply loses mail without noticing. That is why every test of a mail setup
    should name two recipients, one good and one bad. After DATA there is one verdict for all, unless the server speaks LMTP, where each mailbox has its own.]],
}
