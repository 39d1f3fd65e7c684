local function to_bob(m)
  for _, r in ipairs(m.rcpts) do
    if r:lower() == "bob@sandbox.test" then return true end
  end
end

-- by_hand returns what was sent with :raw in this step, without the complete line endings (CR LF)
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
    A line with only a dot ends a message. But a message may contain such a line. So the client adds one dot to every
    line that begins with a dot, and the server removes it again. This is called dot-stuffing.

    The data> prompt does it for you. :raw does not: it sends exactly the bytes that you type, and you write \r\n for
    the end of a line.]],
  steps = {
    {
      goal = "Send a message to bob@sandbox.test with a line that begins with one dot, such as .hidden. Then look at it with :mailbox 1: the line still has one dot.",
      hints = {
        "EHLO, MAIL, RCPT, DATA, the lines, a line with only a dot.",
        "Type the line .hidden in the message. The prompt sends ..hidden, and the server stores .hidden.",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if to_bob(m) and ("\r\n" .. m.data):find("\r\n%.[^.\r\n]") then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last and not to_bob(last) then return "The server accepted the message, but bob is not a recipient." end
        if last then return "The server accepted the message, but no line in it begins with exactly one dot. Type .hidden with one dot; the prompt adds the second one." end
      end,
      wrong = "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nno dot here\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: dots\n\n.hidden\n.",
      well = "You typed one dot, the client sent two, and the server stored one.",
    },
    {
      goal = "Now do it by hand. Send bob a message that has a line with only a dot and more text after it. Send DATA with :raw too, so that the prompt does not add dots.",
      hints = {
        "Send MAIL and RCPT as usual, then :raw DATA\\r\\n. After the 354, send the whole message with one :raw. Write the line with the dot as two dots.",
        ":raw Subject: x\\r\\n\\r\\nbefore\\r\\n..\\r\\nafter\\r\\n.\\r\\n",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if to_bob(m) and m.data:find("\r\n%.\r\n[^\r\n]") and by_hand(at) ~= "" then return true end
        end
      end,
      remark = function(at)
        if at.reply and (at.reply.code == 500 or at.reply.code == 502) then return "The message ended at your dot. The server read the text after it as commands." end
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\nbefore\\r\\n.\\r\\nafter\\r\\n",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\nbefore\\r\\n..\\r\\nafter\\r\\n.\\r\\n",
      well = "Without the second dot the message would have ended there. The server would have read the rest as commands.",
    },
    {
      goal = "A line must end with CR and LF together. With :raw, send a message that contains a LF without a CR (a bare LF). See how a strict server answers.",
      hints = {"Do it as before, but write \\n alone in one place.", "MAIL, RCPT, :raw DATA\\r\\n, then :raw Subject: x\\r\\n\\r\\none\\ntwo\\r\\n.\\r\\n"},
      done = function(at)
        local hand = by_hand(at)
        return at.reply and at.reply.cmd == "." and at.reply.enhanced == "5.6.0" and (hand:find("\\n", 1, true) or hand:lower():find("\\x0a", 1, true))
      end,
      remark = function(at)
        if at.reply and at.reply.enhanced == "5.6.0" then return "The server rejected a CR, not a bare LF. A bare LF is \\n without \\r before it." end
      end,
      wrong = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: fine\n\nfine\n.",
      play = "MAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:raw DATA\\r\\n\n:raw Subject: x\\r\\n\\r\\none\\ntwo\\r\\n.\\r\\n",
      well = "The server rejected the message: it must not contain a bare LF.",
    },
  },
  meaning = [[
    You have done dot-stuffing by hand and seen why servers reject a bare LF. If a client forgets the second dot, the
    message loses a dot or ends too early.

    A bare LF is a security problem. Some servers accept LF dot LF as the end of a message and others do not. Between
    two such servers, an attacker can hide a second message with a false sender inside the first. This attack is
    called SMTP smuggling and was published in 2023. Since then strict servers reject a bare LF.]],
}
