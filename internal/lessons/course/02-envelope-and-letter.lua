-- what a letter to bob lacks; nil when its header names other people than its envelope
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
  if not tobob then return "not at bob's" end
  if not from or not from:find("%S@%S") then return "without a From that names an address" end
  if not to or not to:find("%S@%S") then return "without a To that names an address" end
  if names(from, m.from) then return "and its From says what the envelope says" end
  if names(to, "bob@sandbox.test") then return "and its To names bob" end
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
      done = function(at) return at.from and at.from:lower() == "ann@example.org" and #at.rcpts == 0 end,
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
      done = function(at)
        for _, r in ipairs(at.rcpts or {}) do
          if at.from:lower() == "ann@example.org" and r:lower() == "bob@sandbox.test" then return true end
        end
      end,
      remark = function(at)
        if at.from and at.from:lower() ~= "ann@example.org" then return "The envelope has another sender now; RSET and begin with ann@example.org." end
        if at.s and at.s.state == "rcpt" then return "Accepted, but that is not bob. RSET and MAIL begin anew, or add bob." end
      end,
      well = "The envelope is complete.",
      wrong = "RCPT bob", play = "RCPT TO:<bob@sandbox.test>",
    },
    {
      goal = "Send the letter. In its header, let From name somebody else than the envelope does, and let To name somebody else than bob.",
      hints = {
        "DATA; then lines of the header such as From: and To:, an empty line, some text; a dot alone ends it.",
        "DATA, then: From: The Queen <queen@example.net>, then To: everybody@example.com, then an empty line, a greeting, and a dot alone on a line.",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if not lacks(m) then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last then return "It has arrived, " .. lacks(last) .. ". Send another one." end
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
