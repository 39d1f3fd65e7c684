-- The message: dots, line endings, long lines, smuggling.
local probe = require "probe"

describe("the message", function()
  probe.must("keeps its dots", "RFC 5321 section 4.5.2", { tags = "e2e", timeout = "3m" }, function()
    local body = probe.through("one\r\n.\r\n..\r\n.three\r\nend\r\n"):gsub("\r?\n", "\r\n") -- the next test checks line endings
    expect(body, "lines that begin with a dot: recipients get changed text, and signatures break. Remove the first dot of such lines and no other"):contains("one\r\n.\r\n..\r\n.three\r\nend\r\n")
  end)

  probe.must("keeps its line endings", "RFC 5321 section 2.3.8", { tags = "e2e", timeout = "3m" }, function()
    local body = probe.through("a\r\n\r\n b\r\n")
    expect(body, "changed line endings break DKIM signatures and programs of recipients. Keep CRLF"):contains("a\r\n\r\n b\r\n")
  end)

  probe.must("can have lines of 998 bytes", "RFC 5321 section 4.5.3.1.6", function()
    local s = probe.envelope(true)
    local r = s:data((probe.message("probe", "a short line\r\n")))
    if not r.ok then probe.refused("a message of short lines", r) end
    probe.begin(s)
    probe.recipient(s)
    r = s:data((probe.message("probe of long lines", ("x"):rep(998) .. "\r\n")))
    probe.plain(r):expect("25x", "the server rejects a text line of 1000 bytes with CRLF: valid mail is returned to its sender. Accept such lines")
  end)

  -- only CRLF dot CRLF ends a message. If a server accepts another end and the server before it
  -- does not, an attacker can hide a forged message in the text of another one.
  for _, way in ipairs{ { "LF dot LF", "\n.\n" }, { "LF dot CRLF", "\n.\r\n" }, { "CR dot CR", "\r.\r" }, { "CRLF dot LF", "\r\n.\n" } } do
    probe.must("does not end at " .. way[1] .. " #security #smuggling", "RFC 5321 section 4.1.1.4", function()
      local s = probe.envelope(true)
      local go = s:cmd("DATA")
      if go.code ~= 354 then probe.refused("DATA", go) end
      local whole = probe.message("probe of smuggling", "before" .. way[2] .. "MAIL FROM:<" .. probe.sender .. ">\r\nafter\r\n.\r\n")
      s:write(whole)
      local first = probe.ask(s.read_reply, s, "30s") -- the server may accept or reject the message
      if not first then return end
      if first.code == 421 then probe.refused("the message", first) end
      expect(probe.before_quit(s) or "no reply", "the server read the text after " .. way[1] .. " as commands: an attacker can smuggle forged mail past checks (CVE-2023-51764). End a message only at CRLF dot CRLF"):equals("no reply")
    end)
  end
end)
