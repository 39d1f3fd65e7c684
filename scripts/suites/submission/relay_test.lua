-- Who may send: strangers not at all, users after a login.
local probe = require "probe"

describe("relaying #security", function()
  it("passes nothing on for strangers", function()
    local s = probe.secure()
    if s:mail("someone@example.net").ok then
      s:rcpt(probe.victim):expect("5xx", "an open relay: spammers will find it and the server will be blocked everywhere (RFC 5321 section 7.1)")
    end
  end)

  it("wants a login before it takes a message", function()
    local s = probe.secure()
    if not s:has("AUTH") then skip("no AUTH is offered: this is no submission port") end
    if s:mail("someone@example.net").ok then
      s:rcpt(probe.rcpt ~= "" and probe.rcpt or "postmaster"):expect("5xx", "anybody can put mail into the submission service (RFC 6409 section 4.3)")
    end
  end)

  it("does not tell who has a mailbox (VRFY)", function()
    local s = probe.secure()
    if probe.rcpt == "" then skip("no mailbox is known: give --var rcpt=...") end
    local r = s:vrfy(probe.rcpt)
    expect(r.code == 250 or r.code == 251, "VRFY confirms a mailbox, which lets strangers collect addresses (RFC 5321 section 7.3)"):equals(false)
  end)

  it("does not tell who is on a list (EXPN)", function()
    for _, list in ipairs{ "everybody", "all", "staff" } do
      expect(probe.secure():expn(list).ok, "EXPN " .. list .. " gives away the members of a list (RFC 5321 section 7.3)"):equals(false)
    end
  end)
end)
