-- whether a letter has arrived whose header disagrees with its envelope
local function disagrees(at)
  for _, m in ipairs(at.messages) do
    local data = m.data:lower()
    if m.from == "ann@example.org" and data:find("from:") and not data:match("to:[^\n]*bob@") and not data:match("from:[^\n]*ann@example.org") then
      return true
    end
  end
end

lesson{
  title = "The envelope and the letter",
  about = [[
    A message travels in an envelope. The envelope says who sends and who receives: that is what MAIL FROM and RCPT TO say.
    The letter inside has a From and a To of its own; servers on the way do not read them.

    Somebody called bob has a mailbox here: bob@sandbox.test.]],
  steps = {
    {
      goal = "Introduce yourself, then begin an envelope: say that ann@example.org sends.",
      hints = {"EHLO first. The sender follows MAIL FROM: in angle brackets, without a space.", "MAIL FROM:<ann@example.org>"},
      done = function(at) return at.s and at.s.state == "mail" end,
      remark = function(at) if at.reply and not at.reply.ok then return "Not accepted; :why tells more, :next shows where you are." end end,
      well = "This address is the reverse-path: where a report goes if the letter cannot be delivered.",
      wrong = "EHLO me\nMAIL FROM: ann", play = "EHLO me\nMAIL FROM:<ann@example.org>",
    },
    {
      goal = "Address it to bob@sandbox.test.",
      hints = {"The recipient follows RCPT TO: in angle brackets.", "RCPT TO:<bob@sandbox.test>"},
      done = function(at) return at.s and at.s.state == "rcpt" end,
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
        if #at.messages > 0 then return "It has arrived, but its header agrees with the envelope, or has no From. Send another one." end
      end,
      well = "It is in bob's mailbox: look with :mailbox 1. Nobody minded that letter and envelope disagree.",
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
