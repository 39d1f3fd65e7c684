lesson{
  title = "Enhanced status codes",
  about = [[
    550 alone can mean that a mailbox does not exist, that the server does not relay, or that a policy forbids the message. So servers add a second
    number with three parts: class, subject, detail. In 4.2.2 the class is 4 (temporary), the subject is 2 (the mailbox), and the detail is 2 (full).

    At sandbox.test the name of an address causes a reply: unknown-user@, relay-denied@, mailbox-full@, greylisted@.]],
  steps = {
    {
      goal = "Begin a transaction with the recipient unknown-user@sandbox.test. Which enhanced code does the reply have?",
      hints = {"EHLO me, MAIL FROM:<ann@example.org>, RCPT TO:<unknown-user@sandbox.test>; the code is the number after 550.", ":answer 5.1.1"},
      answer = "5.1.1", wrong = ":answer 550", play = "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>\n:answer 5.1.1",
      well = "Subject 1 is the address: the mailbox does not exist. A sender should remove it from the list.",
    },
    {
      goal = "Get a rejection with the same 550 but another enhanced code.",
      hints = {"This server does not relay mail for other domains.", "RCPT TO:<somebody@example.com>"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if r.code == 550 and r.enhanced and r.enhanced ~= "5.1.1" then return true end
        end
      end,
      wrong = "RCPT TO:<unknown-user@sandbox.test>", play = "RCPT TO:<somebody@example.com>",
      well = "Subject 7 is security and policy: the mailbox may exist, but you are not allowed to send to it from here.",
    },
    {
      goal = "Two mailboxes reject temporarily, with class 4: a full one and a greylisted one. Get an enhanced code with subject 2 (the mailbox).",
      hints = {"Which of the two is about the mailbox itself?", "RCPT TO:<mailbox-full@sandbox.test>"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if r.temp and r.enhanced and r.enhanced:match("^4%.2%.") then return true end
        end
      end,
      wrong = "RCPT TO:<greylisted@sandbox.test>", play = "RCPT TO:<mailbox-full@sandbox.test>",
      well = "4.2.2: mailbox full. The greylisted one replies 4.7.1: a policy, which rejects the first try of each sender.",
    },
  },
  meaning = [[
    You can now tell three reasons apart that share one reply code. Programs that handle bounces use enhanced codes for this: mailbox gone, mailbox
    full, rejected by policy. IANA keeps the list of codes. :explain 5.7.26 explains one. If a reply has none, only its three digits count.]],
}
