-- Senders, recipients and parameters.
local probe = require "probe"

describe("the envelope", function()
  it("takes no message that is larger than it says", function()
    local s = probe.ready()
    local limit = tonumber(s:has("SIZE")) or skip("no SIZE with a limit is offered")
    if limit == 0 then skip("SIZE 0: no limit is announced") end
    s:mail(probe.user, { SIZE = limit + 1 }):expect({ code = { 552, 452 } }, "a message over the announced SIZE is refused at once, not after it was sent (RFC 1870 section 6)")
  end)

  for name, path in pairs{ ["nothing"] = "<>", ["two at signs"] = "<a@@b.example>", ["an open bracket"] = "<a@b.example", ["no brackets"] = "to me" } do
    it("refuses a recipient that is no mailbox: " .. name, function()
      local s = probe.ready()
      s:mail(probe.user):expect(250)
      s:cmd("RCPT TO:" .. path):expect("5xx", "mail to what is no address bounces later, or is lost (RFC 5321 section 4.1.2)")
    end)
  end

  for name, path in pairs{ ["two at signs"] = "<a@@b.example>", ["an open bracket"] = "<a@b.example", ["no brackets"] = "from me" } do
    it("refuses a sender that is no mailbox: " .. name, function()
      local s = probe.ready()
      s:cmd("MAIL FROM:" .. path):expect("5xx", "bounces to what is no address are lost (RFC 5321 section 4.1.2)")
    end)
  end

  it("takes bounces", function()
    local s = probe.ready()
    s:mail(""):expect(250, "the null reverse-path must be accepted: delivery reports have it (RFC 5321 section 6.1)")
  end)

  it("refuses parameters that it does not know", function()
    local s = probe.ready()
    s:mail(probe.user, { XSMTPSH = "1" }):expect({ code = { 555, 501, 504, 500 } }, "an unknown parameter may mean anything: it must be refused with 555 (RFC 5321 section 4.1.1.11)")
  end)

  it("takes a hundred recipients", { timeout = "2m" }, function()
    local s = probe.ready()
    s:mail(probe.user):expect(250)
    for i = 1, 100 do
      local r = s:rcpt(probe.rcpt)
      if not r.ok then
        r:expect("452", "recipient " .. i .. ": servers take at least 100 (RFC 5321 section 4.5.3.1.8), and who limits them says 452, so that the client sends the rest later (section 4.5.3.1.10)")
        fail("only " .. (i - 1) .. " recipients are taken: servers take at least 100 (RFC 5321 section 4.5.3.1.8)")
      end
    end
  end)

  it("means 8BITMIME when it offers it", function()
    local s = probe.ready()
    if not s:has("8BITMIME") then skip("no 8BITMIME is offered") end
    s:mail(probe.user, { BODY = "8BITMIME" }):expect(250, "8BITMIME is offered and refused (RFC 6152)")
  end)

  it("means SMTPUTF8 when it offers it", function()
    local s = probe.ready()
    if not s:has("SMTPUTF8") then skip("no SMTPUTF8 is offered") end
    s:mail(probe.user, { SMTPUTF8 = true }):expect(250, "SMTPUTF8 is offered and refused (RFC 6531)")
  end)

  it("means DSN when it offers it", function()
    local s = probe.ready()
    if not s:has("DSN") then skip("no DSN is offered") end
    s:mail(probe.user, { RET = "HDRS", ENVID = "probe1" }):expect(250, "DSN is offered and RET, ENVID are refused (RFC 3461)")
    s:rcpt(probe.rcpt, { NOTIFY = "FAILURE,DELAY" }):expect("25x", "DSN is offered and NOTIFY is refused (RFC 3461)")
  end)

  it("means CHUNKING when it offers it", function()
    local s = probe.envelope()
    if not s:has("CHUNKING") then skip("no CHUNKING is offered") end
    s:bdat("Subject: probe of BDAT\r\n", { last = false }):expect(250, "CHUNKING is offered and BDAT is refused (RFC 3030)")
    s:bdat("\r\none chunk and another\r\n", { last = true }):expect(250, "the last chunk must be accepted (RFC 3030)")
  end)
end)
