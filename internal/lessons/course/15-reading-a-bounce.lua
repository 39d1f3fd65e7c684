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
    If a server has accepted a message and cannot deliver it, it sends a report to the reverse-path: a bounce (delivery status notification). Bob has
    received one. :mailbox 1 shows it with its envelope.]],
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
      goal = "Bob wrote to orders@example.com. To which address could the message finally not be delivered?",
      hints = {"The field Final-Recipient has the last address. The first address was forwarded to it.", ":answer carlo@shop.example.net"},
      answer = "carlo@shop.example.net", wrong = ":mailbox 1\n:answer orders@example.com", play = ":answer carlo@shop.example.net",
      well = "orders@ is forwarded to carlo. Bob learns this only from the report.",
    },
    {
      goal = "Why not? Answer with the enhanced status code. :explain shows what it means.",
      hints = {"Look at the field Status.", ":answer 5.2.2"},
      answer = "5.2.2", wrong = ":answer 5.1.1", play = ":explain 5.2.2\n:answer 5.2.2",
      well = "5.2.2: the mailbox is full. Diagnostic-Code has the reply of the server that rejected the message.",
    },
    {
      goal = "The envelope of the report has an empty sender, the null reverse-path. Send such a message to ann@sandbox.test.",
      hints = {"There is nothing between the angle brackets.", "EHLO me, MAIL FROM:<>, RCPT TO:<ann@sandbox.test>, DATA, text, dot"},
      done = function(at)
        for _, m in ipairs(at.arrived) do
          for _, r in ipairs(m.rcpts) do
            if m.from == "" and r:lower() == "ann@sandbox.test" then return true end
          end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last and last.from ~= "" then return "It has arrived, but its reverse-path is " .. last.from .. "; use MAIL FROM:<> with nothing between the brackets." end
        if last then return "It has arrived, but not in ann's mailbox." end
      end,
      wrong = "EHLO me\nMAIL FROM:<bob@sandbox.test>\nRCPT TO:<ann@sandbox.test>\nDATA\nSubject: x\n\nx\n.",
      play = "MAIL FROM:<>\nRCPT TO:<ann@sandbox.test>\nDATA\nSubject: report\n\nno\n.",
      well = "If this message cannot be delivered, no server sends a report about it. So there are no endless loops of reports.",
    },
  },
  meaning = [[
    You can read a bounce. Three fields show most of it: Final-Recipient, Status, Diagnostic-Code. Remote-MTA is the server that rejected the message;
    Reporting-MTA is the server that reports, often your own. A server must accept the null reverse-path, or it gets no reports. Because a
    reverse-path can be forged, bounces also reach people who sent nothing. So reject bad mail with 5xx during the session, and do not bounce it later.]],
}
