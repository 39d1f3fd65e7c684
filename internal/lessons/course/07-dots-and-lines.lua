local function to_bob(m)
  for _, r in ipairs(m.rcpts) do
    if r:lower() == "bob@sandbox.test" then return true end
  end
end

-- what was sent by hand in this step, without the line endings that are whole
local function by_hand(at)
  local out = {}
  for _, said in ipairs(at.said) do
    local bytes = said:match("^%s*:raw%s+(.*)")
    if bytes then out[#out + 1] = (bytes:gsub("\\r\\n", "")) end
  end
  return table.concat(out, "\n")
end

lesson{
  title = "Dots and line endings",
  about = [[
    A dot alone on a line ends a letter. So what if the letter has such a line? The sender puts one more dot before every line that begins with one, and
    the server takes it away again: dot-stuffing.

    The data> prompt does that for you. With :raw you send bytes as they are: \r\n is the end of a line, and nothing is added.]],
  steps = {
    {
      goal = "Send a letter to bob@sandbox.test with a line that begins with a dot, say .hidden, and look at it with :mailbox 1: it must have arrived with its one dot.",
      hints = {"EHLO, MAIL, RCPT, DATA, the lines, a dot alone.", "Type .hidden as a line of its own; what goes out is ..hidden, what arrives is .hidden."},
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if to_bob(m) and ("\r\n" .. m.data):find("\r\n%.[^.\r\n]") then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last and not to_bob(last) then return "It has arrived, but not at bob's." end
        if last then return "It has arrived, without a line that begins with one dot. Type the line as it is meant; the second dot is the prompt's business." end
      end,
      wrong = "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nno dot here\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: dots\n\n.hidden\n.",
      well = "One dot went in, two crossed the wire, one arrived.",
    },
    {
      goal = "Now by hand: a letter to bob with a line that is a single dot and nothing else, and text after it. Say DATA with :raw too, so that the prompt does not help.",
      hints = {
        "MAIL and RCPT as usual, then :raw DATA\\r\\n and, after the 354, one :raw with the whole letter. The line with the dot needs a second one.",
        ":raw Subject: x\\r\\n\\r\\nbefore\\r\\n..\\r\\nafter\\r\\n.\\r\\n",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if to_bob(m) and m.data:find("\r\n%.\r\n[^\r\n]") and by_hand(at) ~= "" then return true end
        end
      end,
      remark = function(at)
        if at.reply and (at.reply.code == 500 or at.reply.code == 502) then return "The server took what came after your dot for commands: the letter had ended there." end
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\nbefore\\r\\n.\\r\\nafter\\r\\n",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\nbefore\\r\\n..\\r\\nafter\\r\\n.\\r\\n",
      well = "Without the second dot the letter would have ended there, and the rest would have been taken for commands.",
    },
    {
      goal = "Lines end with CR and LF, both. Send a letter with a bare LF in it, by hand, and see how a strict server answers.",
      hints = {"As before, but with \\n alone somewhere.", "MAIL, RCPT, :raw DATA\\r\\n, then :raw Subject: x\\r\\n\\r\\none\\ntwo\\r\\n.\\r\\n"},
      done = function(at)
        local hand = by_hand(at)
        return at.reply and at.reply.cmd == "." and at.reply.enhanced == "5.6.0" and (hand:find("\\n", 1, true) or hand:lower():find("\\x0a", 1, true))
      end,
      remark = function(at)
        if at.reply and at.reply.enhanced == "5.6.0" then return "Refused, but for a CR: a bare LF is \\n without a \\r before it." end
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: fine\n\nfine\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\none\\ntwo\\r\\n.\\r\\n",
      well = "Refused: a bare LF must not stand in a letter.",
    },
  },
  meaning = [[
    The strictness has a reason. If one server takes LF dot LF for the end of a letter and the one before it does not, a letter can carry a second one inside,
    with any sender it likes: SMTP smuggling, found in 2023. Since then strict servers refuse a bare LF. And a missing stuffed dot is why some letters used to
    lose a dot, or their end.]],
}
