lesson{
  title = "One reply for each recipient",
  about = [[
    A message has several recipients, but the server sends one reply after the dot. So it cannot accept the message
    for bob and reject it for eve, although each of them may have a filter of their own.

    The extension PRDR (per-recipient data responses) of Exim solves this. A client that wants it adds the parameter
    PRDR to MAIL. After the dot, the server sends 353, then one reply for each accepted recipient in their order, and
    a last reply for the whole message.]],
  server = "sandbox:plain+prdr",
  steps = {
    {
      goal = "Check that the server offers PRDR.",
      hints = {"EHLO me, then look for PRDR in the list. :explain PRDR says more."},
      done = function(at) return at.s and at.s:has("PRDR") end,
      wrong = "HELO me", play = "EHLO me",
      well = "It does. Without this line, a client must not use the parameter.",
    },
    {
      goal = "Send one message to bob@sandbox.test and spam@sandbox.test, so that bob gets it and spam does not.",
      hints = {
        "Begin with MAIL FROM:<ann@example.org> PRDR. The sandbox rejects each message to spam@sandbox.test as spam.",
        "MAIL FROM:<ann@example.org> PRDR, RCPT TO:<bob@sandbox.test>, RCPT TO:<spam@sandbox.test>, DATA, text, a dot",
      },
      done = function(at)
        local yes, no = false, false
        for _, r in ipairs(at.fresh) do
          yes, no = yes or r.cmd == "." and r.code == 250, no or r.cmd == "." and r.code == 550
        end
        local last = at.arrived[#at.arrived]
        return yes and no and last and #last.rcpts == 1 and last.rcpts[1]:lower() == "bob@sandbox.test"
      end,
      remark = function(at)
        local last = at.replies[#at.replies]
        if #at.arrived > 0 and #at.arrived[#at.arrived].rcpts > 1 then
          return "Both recipients got the message. Is one of them spam@sandbox.test?"
        end
        if last and last.cmd == "." and last.perm then
          return "The server rejected the message for both recipients. Was PRDR in the MAIL command?"
        end
        if #at.arrived > 0 then return "The server accepted the message. Send it to both recipients in one transaction." end
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<spam@sandbox.test>\nDATA\nSubject: x\n\nx\n.\n" ..
        "MAIL FROM:<ann@example.org> PRDR\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: x\n\nx\n.",
      play = "MAIL FROM:<ann@example.org> PRDR\nRCPT TO:<bob@sandbox.test>\nRCPT TO:<spam@sandbox.test>\nDATA\nSubject: x\n\nx\n.",
      well = "353 says that replies follow: 250 for bob, 550 for spam, and 250 for the whole message.",
    },
    {
      goal = "A question: the client has sent two recipients, and both were accepted. How many replies follow after the 353?",
      hints = {"Count the replies that you have just seen.", ":answer 3"},
      answer = {"3", "three"}, wrong = ":answer 2", play = ":answer 3",
      well = "Three: one for each accepted recipient, and the last one for the message. If the last one is a rejection, nobody gets it.",
    },
  },
  meaning = [[
    You have sent a message that one recipient got and the other did not. Without PRDR a server has two bad choices: it
    rejects the message for all, or it accepts the message and drops it later for one of them.

    PRDR is not a standard; its draft expired. Exim has it. LMTP, with which a mail server hands messages to a mailbox
    store, has always had one reply for each recipient: try smtpsh sandbox:lmtp. In both, a client must look at every
    reply: a program that reads only the first one loses mail without a trace.]],
}
