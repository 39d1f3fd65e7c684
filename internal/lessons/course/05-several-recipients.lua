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
    One message can go to many recipients. The client sends RCPT TO once for each of them. The server accepts or
    rejects each recipient separately.

    The mailboxes ann and bob exist at sandbox.test; unknown-user@sandbox.test does not exist.]],
  steps = {
    {
      goal = "Begin a transaction and name three recipients: ann, unknown-user and bob, all at sandbox.test.",
      hints = {"EHLO, MAIL FROM, then RCPT TO three times.", "RCPT TO:<ann@sandbox.test>, RCPT TO:<unknown-user@sandbox.test>, RCPT TO:<bob@sandbox.test>"},
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
      well = "The server rejected one recipient. The transaction continues with the other two.",
    },
    {
      goal = "Send the message to the recipients that the server accepted.",
      hints = {"Continue as usual. The rejected recipient does not stop the transaction.", "DATA, some lines, and a line with only a dot."},
      done = function(at) return delivered(at) ~= nil end,
      remark = function(at) if #at.arrived > 0 then return "The server accepted a message, but not for ann and bob together." end end,
      wrong = "NOOP", play = "DATA\nSubject: for both\n\nhello\n.",
      well = "The message was sent once and reached two mailboxes. :mailbox 1 shows its envelope.",
    },
    {
      goal = "A question: the server rejected one recipient with 550. What must the sender's mail server do about this recipient? Answer with one word: bounce or retry.",
      hints = {"550 begins with 5.", ":answer bounce"},
      answer = {"bounce", "a bounce", "report"}, wrong = ":answer retry", play = ":answer bounce",
      well = "It sends a report (a bounce) to the reverse-path: this recipient did not receive the message. After a 450 it would try again.",
    },
  },
  meaning = [[
    You have sent one message to three recipients and got a separate answer for each. A program must check the reply
    to every RCPT. If it looks only at the last reply, recipients are lost and nobody notices. So test a mail setup
    with two recipients: one that exists and one that does not.

    After the message there is one reply for all recipients. LMTP is different: there the server sends one reply for
    each recipient.]],
}
