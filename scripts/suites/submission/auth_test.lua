-- Logins: never in the clear, not by weak means, not with any password.
local probe = require "probe"

describe("AUTH #security", function()
  it("is offered inside TLS only", function()
    local s = probe.hello{ verify = false }
    if s.tls then skip("TLS from the start") end
    expect(s:has("AUTH"), "AUTH before TLS: clients will send passwords in the clear (RFC 4954 section 4, RFC 8314)"):equals(false)
  end)

  it("is refused before TLS", function()
    local s = probe.hello{ verify = false }
    if s.tls then skip("TLS from the start") end
    -- nobody's password: base64 of NUL nobody NUL nothing
    local r = s:cmd("AUTH PLAIN AG5vYm9keQBub3RoaW5n")
    expect(r.code ~= 235 and r.code ~= 535 and r.code ~= 334, "the server looks at a password that came in the clear; it answered " .. tostring(r)):equals(true)
  end)

  it("offers no weak mechanism", function()
    local s = probe.secure()
    for _, m in ipairs{ "CRAM-MD5", "DIGEST-MD5", "NTLM", "ANONYMOUS", "SCRAM-SHA-1" } do
      check(s:has("AUTH", m), m .. " is weak: MD5 and NTLM give passwords away to guessing, ANONYMOUS asks for none (RFC 6331, RFC 8314)"):equals(false)
    end
  end)

  it("refuses a wrong password", function()
    local s = probe.secure()
    if not s:has("AUTH") then skip("no AUTH is offered") end
    if probe.user == "" then skip("no login: give --var user=...") end
    local mech = s:has("AUTH", "PLAIN") and "PLAIN" or nil
    s:auth{ mech = mech, user = probe.user, pass = "certainly-not-the-password" }:expect({ code = { "5xx", "4xx" } }, "anybody can log in with any password")
    s:noop():expect(250, "the session must go on after a refused login (RFC 4954 section 4)")
  end)

  it("is possible once in a session", function()
    local s = probe.secure()
    if not s:has("AUTH") then skip("no AUTH is offered") end
    local login = { user = probe.user, pass = probe.password() }
    s:auth(login):expect(235)
    s:cmd("AUTH PLAIN AG5vYm9keQBub3RoaW5n"):expect(503, "a second AUTH must get 503 (RFC 4954 section 4)")
  end)

  it("can be given up with *", function()
    local s = probe.secure()
    if not s:has("AUTH", "LOGIN") then skip("no AUTH LOGIN, which asks first") end
    s:auth_raw("LOGIN"):expect(334)
    s:cmd("*"):expect(501, "a client must be able to cancel (RFC 4954 section 4)")
    s:noop():expect(250)
  end)
end)
