-- What becomes of the letter itself: dots, line ends, long lines, smuggling.
local probe = require "probe"

describe("the message", function()
  it("keeps its dots", { tags = "e2e", timeout = "3m" }, function()
    local body = probe.through("one\r\n.\r\n..\r\n.three\r\nend\r\n")
    expect(body, "lines that begin with a dot: the stuffed dot must be taken away, and no other (RFC 5321 section 4.5.2)"):contains("one\r\n.\r\n..\r\n.three\r\nend\r\n")
  end)

  it("keeps its line ends", { tags = "e2e", timeout = "3m" }, function()
    local body = probe.through("a\r\n\r\n b\r\n")
    expect(body, "line ends must stay CRLF, or signatures break (RFC 5321 section 2.3.8)"):contains("a\r\n\r\n b\r\n")
  end)

  it("may have lines of 998 octets", function()
    local s = probe.envelope()
    s:data("Subject: probe of long lines\r\n\r\n" .. ("x"):rep(998) .. "\r\n"):expect("25x", "text lines of 1000 octets with CRLF must be accepted (RFC 5321 section 4.5.3.1.6)")
  end)

  -- the ways to end a message that are none: what a server takes for an end and
  -- the next one does not lets forged mail be smuggled in
  for name, dot in pairs{ ["LF dot LF"] = "\n.\n", ["LF dot CRLF"] = "\n.\r\n", ["CR dot CR"] = "\r.\r", ["CRLF dot LF"] = "\r\n.\n" } do
    it("does not end at " .. name .. " #security #smuggling", function()
      local s = probe.envelope()
      s:cmd("DATA"):expect(354)
      s:write("Subject: probe of smuggling\r\n\r\nbefore" .. dot .. "MAIL FROM:<" .. probe.user .. ">\r\nafter\r\n.\r\n")
      s:read_reply("30s") -- accepted or refused, but one verdict
      local ok, second = pcall(function() return s:read_reply("700ms") end)
      expect(ok and tostring(second) or nil, "the text behind it was taken for commands: forged mail can be smuggled past checks (RFC 5321 section 2.3.8, CVE-2023-51764)"):equals(nil)
    end)
  end
end)
