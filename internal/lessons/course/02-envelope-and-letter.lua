-- the address of the transaction, as the replies of this step confirm it
local function accepted(at, verb, address)
  for _, r in ipairs(at.replies) do
    if r.ok and r.cmd:upper():find("^" .. verb) and r.cmd:lower():find("<" .. address .. ">", 1, true) then return true end
  end
end

-- the number of a letter to bob whose header names other people than its envelope
local function disagrees(at)
  for _, m in ipairs(at.messages) do
    local header = ("\n" .. m.data:gsub("\r\n", "\n")):match("^(.-)\n\n") or ""
    local from, to = header:lower():match("\nfrom:([^\n]*)"), header:lower():match("\nto:([^\n]*)")
    if m.rcpts[1] == "bob@sandbox.test" and from and to and not to:find("bob@sandbox.test", 1, true) and (m.from == "" or not from:find(m.from:lower(), 1, true)) then
      return m.id
    end
  end
end

lesson{
  title = "The envelope and the letter",
  about = [[
    A message travels in an envelope. The envelope says who sends and who receives: that is what MAIL FROM and RCPT TO say.
    The letter inside, which the standard calls the message, has a From and a To of its own; servers on the way do not read them.

    Somebody called bob has a mailbox here: bob@sandbox.test.]],
  steps = {
    {
      goal = "Introduce yourself, then begin an envelope: say that ann@example.org sends.",
      hints = {"EHLO first. The sender follows MAIL FROM: in angle brackets, without a space.", "MAIL FROM:<ann@example.org>"},
      done = function(at) return at.s and at.s.state == "mail" and accepted(at, "MAIL", "ann@example.org") end,
      remark = function(at)
        if at.s and at.s.state == "mail" then return "That is another sender; RSET forgets it." end
        if at.reply and not at.reply.ok then return "Not accepted; :why tells more, :next shows where you are." end
      end,
      well = "This address is the reverse-path: where a report goes if the letter cannot be delivered.",
      wrong = "EHLO me\nMAIL FROM: ann", play = "EHLO me\nMAIL FROM:<ann@example.org>",
    },
    {
      goal = "Address it to bob@sandbox.test.",
      hints = {"The recipient follows RCPT TO: in angle brackets.", "RCPT TO:<bob@sandbox.test>"},
      done = function(at) return at.s and at.s.state == "rcpt" and accepted(at, "RCPT", "bob@sandbox.test") end,
      remark = function(at) if at.s and at.s.state == "rcpt" then return "Accepted, but that is not bob. RSET and MAIL begin anew, or add bob." end end,
      well = "The envelope is complete.",
      wrong = "RCPT bob", play = "RCPT TO:<bob@sandbox.test>",
    },
    {
      goal = "Send the letter. In its header, let From name somebody else than the envelope does, and let To name somebody else than bob.",
      hints = {
        "DATA; then lines of the header such as From: and To:, an empty line, some text; a dot alone ends it.",
        "DATA, then: From: The Queen <queen@example.net>, then To: everybody@example.com, then an empty line, a greeting, and a dot alone on a line.",
      },
      done = disagrees,
      remark = function(at)
        if #at.messages > 0 then return "It has arrived, but not at bob's, or its header lacks From or To, or says what the envelope says. Send another one." end
      end,
      well = "It is in bob's mailbox: :mailbox lists what has come, with a number it shows one. Nobody minded that letter and envelope disagree.",
      wrong = "DATA\nFrom: ann@example.org\nTo: bob@sandbox.test\n\nhello\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nFrom: The Queen <queen@example.net>\nTo: everybody@example.com\nSubject: Hello\n\nHow do you do?\n.",
    },
    {
      goal = "A question: mail programs show the From of the letter, and blind copies (Bcc) reach people whose names stand nowhere in it. Where must those names be said so that they get the letter? Answer with one word: envelope or letter.",
      hints = {"Which of the two decides where it goes?", ":answer envelope"},
      answer = {"envelope", "the envelope", "in the envelope"},
      well = "A blind copy is a recipient of the envelope that the letter does not mention.",
      wrong = ":answer letter", play = ":answer envelope",
    },
  },
  meaning = [[
    The difference explains much of mail: mailing lists put their own reverse-path on the envelope so that reports come to them; blind copies are
    envelope recipients; and a forged From costs nothing, because SMTP never compares it with anything. What tells forgeries apart was added later;
    a lesson of its own is about it.]],
}
