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
    A server may accept a message and find later that it cannot deliver it. Then it sends a report to the
    reverse-path. The report is called a bounce. The form that programs can read is called
    delivery status notification (DSN).

    bob@sandbox.test has received one. :mailbox 1 shows it with its envelope.]],
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
      goal = "Bob sent a message to orders@example.com. To which address did the delivery fail in the end?",
      hints = {"The message was forwarded. The Final-Recipient field has the last address.", ":answer carlo@shop.example.net"},
      answer = "carlo@shop.example.net", wrong = ":mailbox 1\n:answer orders@example.com", play = ":answer carlo@shop.example.net",
      well = "orders@example.com forwards to carlo. Bob did not know this; the report shows it.",
    },
    {
      goal = "Why did it fail? Answer with the enhanced code. :explain explains a code.",
      hints = {"Read the Status field.", ":answer 5.2.2"},
      answer = "5.2.2", wrong = ":answer 5.1.1", play = ":explain 5.2.2\n:answer 5.2.2",
      well = "5.2.2: the mailbox is full. The Diagnostic-Code field has the reply of the server that rejected the message.",
    },
    {
      goal = "Look at the envelope of the report: its sender is empty. Send such a message yourself, to ann@sandbox.test, with the null reverse-path.",
      hints = {"Write nothing between the angle brackets.", "EHLO me, MAIL FROM:<>, RCPT TO:<ann@sandbox.test>, DATA, text, a line with only a dot"},
      done = function(at)
        for _, m in ipairs(at.arrived) do
          for _, r in ipairs(m.rcpts) do
            if m.from == "" and r:lower() == "ann@sandbox.test" then return true end
          end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last and last.from ~= "" then return "The server accepted the message, but its reverse-path is " .. last.from .. ". Send MAIL FROM:<>." end
        if last then return "The server accepted the message, but ann is not a recipient." end
      end,
      wrong = "EHLO me\nMAIL FROM:<bob@sandbox.test>\nRCPT TO:<ann@sandbox.test>\nDATA\nSubject: x\n\nx\n.",
      play = "MAIL FROM:<>\nRCPT TO:<ann@sandbox.test>\nDATA\nSubject: report\n\nno\n.",
      well = "No report is sent about a message with an empty sender. So servers never send reports about reports in a loop.",
    },
  },
  meaning = [[
    You can now read a bounce. Three fields are the most important: Final-Recipient (the address), Status (the
    enhanced code) and Diagnostic-Code (the reply). Remote-MTA is the server that rejected the message. Reporting-MTA
    is the server that sent the report; often it is your own.

    Two rules follow for your own server. It must accept the null reverse-path (MAIL FROM:<>), or its users receive no
    bounces. And it should reject a bad message during the session, with a 5xx reply. If it accepts the message first
    and bounces it later, the bounce may go to an innocent person, because the reverse-path can be false.]],
}
