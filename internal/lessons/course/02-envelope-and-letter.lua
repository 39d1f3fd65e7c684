-- returns what a message to bob lacks, or nil if its header differs from its envelope
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
  if names(from, m.from) then return "its From is the same as in the envelope" end
  if names(to, "bob@sandbox.test") then return "its To is bob" end
end

lesson{
  title = "The envelope and the message",
  about = [[
    A message has an envelope, like a letter on paper. The commands MAIL FROM and RCPT TO make the envelope: they name sender and recipients.
    The message has its own From and To in its header. Servers do not use them to decide where the message goes.

    Bob has a mailbox at this server: bob@sandbox.test.]],
  steps = {
    {
      goal = "Send EHLO, then begin an envelope with the sender ann@example.org.",
      hints = {"First EHLO. Then MAIL FROM: with the address in angle brackets, without a space after the colon.", "MAIL FROM:<ann@example.org>"},
      done = function(at) return at.from and at.from:lower() == "ann@example.org" and #at.rcpts == 0 end,
      remark = function(at)
        if at.s and at.s.state == "mail" then return "That is another sender. RSET deletes it." end
        if at.reply and not at.reply.ok then return "Not accepted. :why explains the reply, :next shows where you are." end
      end,
      well = "This address is the reverse-path. If the message cannot be delivered, a report is sent there.",
      wrong = "EHLO me\nMAIL FROM: ann", play = "EHLO me\nMAIL FROM:<ann@example.org>",
    },
    {
      goal = "Add the recipient bob@sandbox.test.",
      hints = {"RCPT TO: with the address in angle brackets.", "RCPT TO:<bob@sandbox.test>"},
      done = function(at)
        for _, r in ipairs(at.rcpts or {}) do
          if at.from:lower() == "ann@example.org" and r:lower() == "bob@sandbox.test" then return true end
        end
      end,
      remark = function(at)
        if at.from and at.from:lower() ~= "ann@example.org" then return "The envelope has another sender. Send RSET and begin again with ann@example.org." end
        if at.s and at.s.state == "rcpt" then return "Accepted, but this is not bob. Add bob, or begin again with RSET and MAIL." end
      end,
      well = "The envelope is complete.",
      wrong = "RCPT bob", play = "RCPT TO:<bob@sandbox.test>",
    },
    {
      goal = "Send the message. Its From must have another address than the envelope's sender, and its To another address than bob's.",
      hints = {
        "DATA. Then header lines such as From: and To:, an empty line, and some text. A line with a single dot ends it.",
        "DATA, then: From: The Queen <queen@example.net>, then To: everybody@example.com, then an empty line, some text, and a line with a single dot.",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if not lacks(m) then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last then return "It has arrived, but " .. lacks(last) .. ". Send another one." end
      end,
      well = "It is in bob's mailbox. :mailbox lists the messages, :mailbox 1 shows the first. No server checked that message and envelope agree.",
      wrong = "DATA\nFrom: ann@example.org\nTo: bob@sandbox.test\n\nhello\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nFrom: The Queen <queen@example.net>\nTo: everybody@example.com\nSubject: Hello\n\nHow do you do?\n.",
    },
    {
      goal = "A question: the recipients of a blind copy (Bcc) are not named in the message. Where must they be named so that they get it? Answer with one word: envelope or message.",
      hints = {"Which of the two decides where the message goes?", ":answer envelope"},
      answer = {"envelope", "the envelope", "in the envelope"},
      well = "A Bcc recipient is in the envelope and not in the message.",
      wrong = ":answer message", play = ":answer envelope",
    },
  },
  meaning = [[
    You have sent a message whose header differs from its envelope. This is normal: a mailing list puts its own reverse-path into the envelope, so
    that it gets the reports. A Bcc recipient is only in the envelope. It also means that a From can be forged easily, because SMTP does not check
    it. Filters and DMARC do; a later lesson shows how.]],
}
