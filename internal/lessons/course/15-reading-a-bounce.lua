local bounce = [[
From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
To: bob@sandbox.test
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

This is the mail system at host mx.example.com.
I'm sorry to have to inform you that your message could not be
delivered to one or more recipients.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Mon, 2 Nov 2026 10:00:00 +0000

Final-Recipient: rfc822; carlo@shop.example.net
Original-Recipient: rfc822; orders@example.com
Action: failed
Status: 5.2.2
Remote-MTA: dns; mail.shop.example.net
Diagnostic-Code: smtp; 552 5.2.2 <carlo@shop.example.net>: mailbox over quota

--b1
Content-Type: message/rfc822

From: bob@sandbox.test
To: orders@example.com
Subject: An order

Please send one.
--b1--
]]

lesson{
  title = "Reading a bounce",
  about = [[
    When a server has accepted a letter and cannot deliver it, it writes a report to the reverse-path: a bounce, or delivery status notification. One has come for
    bob@sandbox.test: :mailbox 1 shows it, with its envelope.]],
  setup = function(server)
    local s = smtp.connect(server:target("mx"))
    s:ehlo("mx.example.com")
    s:mail(""):expect(250)
    s:rcpt("bob@sandbox.test"):expect(250)
    s:data(bounce):expect(250)
    s:quit()
  end,
  steps = {
    {
      goal = "Bob had written to orders@example.com. To which address could the letter not be delivered in the end?",
      hints = {"The last address on the way is the Final-Recipient; the first was forwarded to it.", ":answer carlo@shop.example.net"},
      answer = "carlo@shop.example.net", wrong = ":mailbox 1\n:answer orders@example.com", play = ":answer carlo@shop.example.net",
      well = "orders@ is forwarded to carlo. Nobody told bob that; the report does.",
    },
    {
      goal = "Why not? Answer with the enhanced status code; :explain tells what it means.",
      hints = {"The Status field.", ":answer 5.2.2"},
      answer = "5.2.2", wrong = ":answer 5.1.1", play = ":explain 5.2.2\n:answer 5.2.2",
      well = "5.2.2: the mailbox is full. The Diagnostic-Code has the very words of the server that refused.",
    },
    {
      goal = "Look at the envelope of the report: its sender is empty. Send such a letter yourself: to ann@sandbox.test, with the null reverse-path.",
      hints = {"Nothing stands between the angle brackets.", "EHLO me, MAIL FROM:<>, RCPT TO:<ann@sandbox.test>, DATA, text, dot"},
      done = function(at)
        for _, m in ipairs(at.arrived) do
          for _, r in ipairs(m.rcpts) do
            if m.from == "" and r:lower() == "ann@sandbox.test" then return true end
          end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last and last.from ~= "" then return "It has arrived, but its reverse-path is " .. last.from .. ": between the brackets of MAIL FROM:<> stands nothing." end
        if last then return "It has arrived, but not at ann's." end
      end,
      wrong = "EHLO me\nMAIL FROM:<bob@sandbox.test>\nRCPT TO:<ann@sandbox.test>\nDATA\nSubject: x\n\nx\n.",
      play = "MAIL FROM:<>\nRCPT TO:<ann@sandbox.test>\nDATA\nSubject: report\n\nno\n.",
      well = "A letter from nobody: if it cannot be delivered either, no report is written about it, and reports about reports never circle.",
    },
  },
  meaning = [[
    Three lines of a bounce tell almost everything: Final-Recipient, Status, Diagnostic-Code. Who refused is Remote-MTA; who reports is Reporting-MTA, often your own server.
    A server must take the null reverse-path, or it gets no reports. And because the reverse-path can be forged, bounces of letters that were never sent come back to innocent people:
    so refuse what you will not deliver while the client is still there, with a 5xx, instead of accepting it and bouncing later.]],
}
