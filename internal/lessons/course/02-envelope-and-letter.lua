-- lacks returns what is wrong with a message to bob, or nil if its header names other people than its envelope
local function lacks(m)
  local header = ("\n" .. m.data:gsub("\r\n", "\n") .. "\n"):match("^(.-)\n\n"):gsub("\n[ \t]+", " "):lower()
  local from, to = header:match("\nfrom:([^\n]*)"), header:match("\nto:([^\n]*)")
  local tobob = false
  for _, r in ipairs(m.rcpts) do tobob = tobob or r:lower() == "bob@sandbox.test" end
  local function names(field, address)
    for a in field:gmatch("[^%s<>,;:\"()]+@[^%s<>,;:\"()]+") do
      if a == address:lower() then return true end
    end
  end
  if not tobob then return "bob is not a recipient" end
  if not from or not from:find("%S@%S") then return "its From has no address" end
  if not to or not to:find("%S@%S") then return "its To has no address" end
  if names(from, m.from) then return "its From is the sender in the envelope" end
  if names(to, "bob@sandbox.test") then return "its To names bob" end
end

lesson{
  title = "The envelope and the message",
  about = [[
    An SMTP server receives two things: an envelope and a message. The client sends the envelope first: MAIL FROM
    gives the sender, and RCPT TO gives a recipient. Then it sends the message.

    The message has a header with its own From and To fields. Servers use only the envelope to decide where the
    message goes. (Spam filters and DMARC do read the header.)

    This server has a mailbox for bob: bob@sandbox.test.]],
  steps = {
    {
      goal = "Send EHLO. Then begin an envelope with the sender ann@example.org.",
      hints = {"EHLO comes first. Then send MAIL FROM: and the address in angle brackets, without a space after the colon.", "MAIL FROM:<ann@example.org>"},
      done = function(at) return at.from and at.from:lower() == "ann@example.org" and #at.rcpts == 0 end,
      remark = function(at)
        if at.s and at.s.state == "mail" then return "That is another sender. RSET discards it." end
        if at.reply and not at.reply.ok then return "The server rejected it. :why explains the reply; :next shows which commands can come now." end
      end,
      well = "This address is called the reverse-path. If the message cannot be delivered, the report goes there.",
      wrong = "EHLO me\nMAIL FROM: ann", play = "EHLO me\nMAIL FROM:<ann@example.org>",
    },
    {
      goal = "Add the recipient bob@sandbox.test.",
      hints = {"Send RCPT TO: and the address in angle brackets.", "RCPT TO:<bob@sandbox.test>"},
      done = function(at)
        for _, r in ipairs(at.rcpts or {}) do
          if at.from:lower() == "ann@example.org" and r:lower() == "bob@sandbox.test" then return true end
        end
      end,
      remark = function(at)
        if at.from and at.from:lower() ~= "ann@example.org" then return "The envelope has another sender now. Send RSET and begin with ann@example.org." end
        if at.s and at.s.state == "rcpt" then return "The server accepted this recipient, but it is not bob. Add bob, or begin again with RSET and MAIL." end
      end,
      well = "The envelope now has a sender and a recipient.",
      wrong = "RCPT bob", play = "RCPT TO:<bob@sandbox.test>",
    },
    {
      goal = "Send the message. In its header, write a From other than ann@example.org and a To other than bob@sandbox.test.",
      hints = {
        "Send DATA. (If you have sent a message already, first send MAIL FROM and RCPT TO again.) Then type header fields such as From: and To:, an empty line, and some text. A line with only a dot ends the message.",
        "DATA, then: From: The Queen <queen@example.net>, then To: everybody@example.com, then an empty line, a greeting, and a line with only a dot.",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if not lacks(m) then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if at.reply and at.reply.code == 503 then return "The last transaction has ended. Begin again: MAIL FROM, RCPT TO, DATA." end
        if last then return "The server accepted the message, but " .. lacks(last) .. ". Send another one, beginning with MAIL FROM and RCPT TO." end
      end,
      well = "The message is in bob's mailbox. :mailbox lists the messages there; :mailbox 1 shows the first one. The server did not compare the header with the envelope.",
      wrong = "DATA\nFrom: ann@example.org\nTo: bob@sandbox.test\n\nhello\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nFrom: The Queen <queen@example.net>\nTo: everybody@example.com\nSubject: Hello\n\nHow do you do?\n.",
    },
    {
      goal = "A question: a blind copy (Bcc) goes to a person whose address is not in the header. Where must the client write that address, so that the person receives the message? Answer with one word: envelope or message.",
      hints = {"Which of the two decides where the message goes?", ":answer envelope"},
      answer = {"envelope", "the envelope", "in the envelope"},
      well = "A blind copy has its recipient in the envelope, and the header does not name that recipient.",
      wrong = ":answer message", play = ":answer envelope",
    },
  },
  meaning = [[
    You have sent a message whose header names other people than its envelope. The server delivered it, because
    delivery uses only the envelope.

    This explains three things in practice. A mailing list puts its own address into MAIL FROM, so that it receives
    the bounces. A blind copy is a recipient in the envelope only. And a false From is easy to send, because SMTP
    itself does not compare it with anything. SPF, DKIM and DMARC were added later to detect false senders. Lesson 12
    is about them.]],
}
