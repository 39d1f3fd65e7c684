lesson{
  title = "Enhanced status codes",
  about = [[
    550 alone may mean that a mailbox does not exist, that mail is not relayed, or that a policy forbids it. So servers add a second number of three
    parts: class, subject, detail. In 4.2.2 the class is 4 (not now), the subject 2 (the mailbox), and the detail says what of it.

    At sandbox.test some addresses bring about what they are called: unknown-user@, relay-denied@, mailbox-full@, greylisted@.]],
  steps = {
    {
      goal = "Begin a transaction and name the recipient unknown-user@sandbox.test. Which enhanced code comes?",
      hints = {"EHLO me, MAIL FROM:<ann@example.org>, RCPT TO:<unknown-user@sandbox.test>; the code is the number behind 550.", ":answer 5.1.1"},
      answer = "5.1.1", wrong = ":answer 550", play = "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>\n:answer 5.1.1",
      well = "Subject 1 is the address: there is no such mailbox. The sender should take it off the list.",
    },
    {
      goal = "Get a refusal with the same 550 but another enhanced code.",
      hints = {"Mail for a domain that this server does not serve would have to be relayed.", "RCPT TO:<somebody@example.com>"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if r.code == 550 and r.enhanced and r.enhanced ~= "5.1.1" then return true end
        end
      end,
      wrong = "RCPT TO:<unknown-user@sandbox.test>", play = "RCPT TO:<somebody@example.com>",
      well = "Subject 7 is policy and security: the mailbox may well exist, but you may not send to it from here.",
    },
    {
      goal = "Two mailboxes refuse for now, with class 4: a full one and a greylisted one. Get an enhanced code of subject 2 (the mailbox).",
      hints = {"Which of the two is about the mailbox itself?", "RCPT TO:<mailbox-full@sandbox.test>"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if r.temp and r.enhanced and r.enhanced:match("^4%.2%.") then return true end
        end
      end,
      wrong = "RCPT TO:<greylisted@sandbox.test>", play = "RCPT TO:<mailbox-full@sandbox.test>",
      well = "4.2.2: mailbox full. A greylisted one says 4.7.1: policy again, a first attempt is told to come back.",
    },
  },
  meaning = [[
    Enhanced codes were made for bounces, which programs must sort: mailbox gone, mailbox full, blocked for policy. The registry is kept by IANA;
    :explain 5.7.26 or any other looks one up. Where they are missing, only the three digits count.]],
}
