lesson{
  title = "Enhanced status codes",
  about = [[
    The code 550 alone can mean that a mailbox does not exist, that the server does not relay, or that a policy
    forbids the message. Therefore many servers add an enhanced status code with three numbers: class, subject and detail. An
    example is 4.2.2: class 4 means not now, subject 2 means the mailbox, and detail 2 means that the mailbox is full.

    At sandbox.test the names of some addresses say which reply they get: unknown-user@, relay-denied@, mailbox-full@,
    greylisted@.]],
  steps = {
    {
      goal = "Begin a transaction and name the recipient unknown-user@sandbox.test. Which enhanced code do you get?",
      hints = {"EHLO me, MAIL FROM:<ann@example.org>, RCPT TO:<unknown-user@sandbox.test>. The enhanced code is the number after 550.", ":answer 5.1.1"},
      answer = "5.1.1", wrong = ":answer 550", play = "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<unknown-user@sandbox.test>\n:answer 5.1.1",
      well = "Subject 1 is the address. 5.1.1 means that the mailbox does not exist. The sender should remove this address from the list.",
    },
    {
      goal = "Get a reply with the same code 550, but with another enhanced code.",
      hints = {"Try a recipient in a domain that this server does not serve. The server would have to relay that message.", "RCPT TO:<somebody@example.com>"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if r.code == 550 and r.enhanced and r.enhanced ~= "5.1.1" then return true end
        end
      end,
      wrong = "RCPT TO:<unknown-user@sandbox.test>", play = "RCPT TO:<somebody@example.com>",
      well = "Subject 7 is security or policy. The mailbox may exist, but you may not send to it through this server.",
    },
    {
      goal = "Two mailboxes give a temporary rejection (class 4): mailbox-full@ and greylisted@. Get an enhanced code with subject 2 (the mailbox).",
      hints = {"Which of the two rejections is about the mailbox itself?", "RCPT TO:<mailbox-full@sandbox.test>"},
      done = function(at)
        for _, r in ipairs(at.replies) do
          if r.temp and r.enhanced and r.enhanced:match("^4%.2%.") then return true end
        end
      end,
      wrong = "RCPT TO:<greylisted@sandbox.test>", play = "RCPT TO:<mailbox-full@sandbox.test>",
      well = "4.2.2: the mailbox is full. greylisted@ gets 4.7.1, which is a policy: the server asks a new sender to try again later.",
    },
  },
  meaning = [[
    You have seen two different reasons behind the same 550. This matters when a program must decide what to do with a
    bounce: remove an address that does not exist, wait for a full mailbox, or alert the administrator about a policy
    rejection.

    IANA keeps the list of enhanced codes. :explain 5.7.26 explains that code, and :explain works with any other one.
    Some servers send no enhanced code. Then only the three digits count.]],
}
