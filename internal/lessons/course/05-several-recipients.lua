local function delivered(at)
  for _, m in ipairs(at.arrived) do
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
      well = "One was refused, and the transaction is as good as before: the other two stand.",
    },
    {
      goal = "Send the letter to those who were accepted.",
      hints = {"Go on as if nothing had happened.", "DATA, some lines, and a dot."},
      done = function(at) return delivered(at) ~= nil end,
      remark = function(at) if #at.arrived > 0 then return "It has arrived, but not for ann and bob together." end end,
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
