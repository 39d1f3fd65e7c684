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
    A line with a single dot ends a message. But the message itself can have such a line. So the client adds a dot to every line that begins with a
    dot, and the server removes it. This is called dot-stuffing.

    The data> prompt does this for you. With :raw you send exact bytes: \r\n is the end of a line, and nothing is added.]],
  steps = {
    {
      goal = "Send a message to bob@sandbox.test with a line that begins with a dot, for example .hidden. Look at it with :mailbox 1: the line must have one dot.",
      hints = {"EHLO, MAIL, RCPT, DATA, the lines, a line with a single dot.", "Type .hidden as a line. The client sends ..hidden, and .hidden arrives."},
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if to_bob(m) and ("\r\n" .. m.data):find("\r\n%.[^.\r\n]") then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last and not to_bob(last) then return "It has arrived, but not in bob's mailbox." end
        if last then return "It has arrived, but no line begins with one dot. Type the line with one dot; the prompt adds the second one." end
      end,
      wrong = "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nno dot here\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: dots\n\n.hidden\n.",
      well = "You typed one dot, the client sent two, and one arrived.",
    },
    {
      goal = "Now without help: send a message to bob that has a line with a single dot and then more text. Send DATA with :raw too, so that the prompt does not add dots.",
      hints = {
        "MAIL and RCPT as usual, then :raw DATA\\r\\n. After the 354 send the whole message with one :raw. The line with the dot needs a second dot.",
        ":raw Subject: x\\r\\n\\r\\nbefore\\r\\n..\\r\\nafter\\r\\n.\\r\\n",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if to_bob(m) and m.data:find("\r\n%.\r\n[^\r\n]") and by_hand(at) ~= "" then return true end
        end
      end,
      remark = function(at)
        if at.reply and (at.reply.code == 500 or at.reply.code == 502) then return "Your message ended at the dot. The server read the rest as commands." end
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\nbefore\\r\\n.\\r\\nafter\\r\\n",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\nbefore\\r\\n..\\r\\nafter\\r\\n.\\r\\n",
      well = "Without the second dot the message would have ended there, and the server would have read the rest as commands.",
    },
    {
      goal = "Each line ends with CR and LF. Send a message with a bare LF in it with :raw, and see how a strict server answers.",
      hints = {"As before, but with \\n alone in one place.", "MAIL, RCPT, :raw DATA\\r\\n, then :raw Subject: x\\r\\n\\r\\none\\ntwo\\r\\n.\\r\\n"},
      done = function(at)
        local hand = by_hand(at)
        return at.reply and at.reply.cmd == "." and at.reply.enhanced == "5.6.0" and (hand:find("\\n", 1, true) or hand:lower():find("\\x0a", 1, true))
      end,
      remark = function(at)
        if at.reply and at.reply.enhanced == "5.6.0" then return "Rejected because of a CR. A bare LF is \\n without \\r before it." end
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: fine\n\nfine\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\none\\ntwo\\r\\n.\\r\\n",
      well = "Rejected: a message must not have a bare LF.",
    },
  },
  meaning = [[
    You know now how SMTP marks the end of a message, and why it is strict. If one server accepts LF dot LF as the end and the server before it does
    not, a message can hide a second message with a forged sender. This is SMTP smuggling, found in 2023. Since then strict servers reject a bare LF.
    A client without dot-stuffing loses dots or cuts messages.]],
}
