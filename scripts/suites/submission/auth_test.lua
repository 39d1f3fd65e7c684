-- Logins: never in the clear, not by weak means, not with any password.
local probe = require "probe"

describe("AUTH #security", function()
  probe.should("offers PLAIN and LOGIN inside TLS only", "RFC 4954 section 4", function()
    local s = probe.hello()
    if s.tls then skip("TLS from the start") end
    for _, m in ipairs{ "PLAIN", "LOGIN" } do
      check(s:has("AUTH", m), "AUTH " .. m .. " before TLS: clients will send passwords in the clear; RFC 8314 makes that obsolete" .. probe.from_here(s)):equals(false)
    end
  end)

  probe.should("takes no password before TLS", "RFC 4954 section 4", function()
    local s = probe.hello()
    if s.tls then skip("TLS from the start") end
    local r = probe.ask(s.auth_raw, s, "PLAIN", probe.nobody)
    if not r then return end -- hanging up is a refusal too
    expect(r.code ~= 235, "anybody is let in before TLS; the server answered " .. tostring(r) .. probe.from_here(s)):equals(true)
    if r.code ~= 535 and r.code ~= 334 then
      if r.temp then probe.refused("AUTH", r) end
      return -- 530, 538, 503 and the like: AUTH itself is refused
    end
    -- a server may answer 535 whatever the password: only the right one tells
    if probe.user == "" then untried("the server answers " .. tostring(r) .. ", perhaps to every password: give --var user=... --secret pass=@prompt") end
    local clear = probe.hello()
    local ok, right = pcall(clear.auth, clear, { mech = "PLAIN", user = probe.user, pass = probe.password() })
    if not ok then
      if probe.kind(right) == "closed" then return end
      if probe.kind(right) ~= "usage" then error(right, 0) end
      untried("the server answers " .. tostring(r) .. ", perhaps to every password, and the right one is not sent in the clear: --allow-insecure-auth sends it")
    end
    expect(right.code ~= 235, "the server accepts the correct password over an unencrypted connection" .. probe.from_here(clear)):equals(true)
    probe.login(probe.session()) -- else it was no right password
  end)

  probe.advice("offers no weak mechanism", "RFC 6331 and the IANA registry of SASL mechanisms", function()
    local s = probe.session()
    probe.offers_login(s)
    for _, weak in ipairs{
      { "CRAM-MD5", "whoever records it can guess the password" }, { "DIGEST-MD5", "it is historic (RFC 6331)" },
      { "NTLM", "whoever records it can guess the password" }, { "ANONYMOUS", "it requires no password" },
    } do
      check(s:has("AUTH", weak[1]), weak[1] .. " is weak: " .. weak[2]):equals(false)
    end
  end)

  probe.must("refuses a wrong password", "RFC 4954 section 6", function()
    -- the password is nobody's, so it may be sent where a real one may not
    local s = probe.session{ insecure_auth = true }
    probe.offers_login(s)
    if probe.user == "" then untried("there is no login: give --var user=...") end
    local mech = s:has("AUTH", "PLAIN") and "PLAIN" or nil
    local r = probe.ask(s.auth, s, { mech = mech, user = probe.user, pass = "certainly-not-the-password" })
    if r then
      expect(r.code ~= 235, "anybody can log in with any password" .. probe.from_here(s)):equals(true)
      if r.code ~= 535 then probe.refused("the login, for another reason than the password,", r) end
    end
    -- a server that refuses everybody has not looked at the password
    probe.login(probe.session())
  end)

  probe.must("is possible once in a session", "RFC 4954 section 4", function()
    local s = probe.session()
    probe.offers_login(s)
    probe.login(s)
    local r = probe.ask(s.auth_raw, s, "PLAIN", probe.nobody)
    if r then probe.plain(r):expect(503, "a second AUTH must get 503") end
  end)

  probe.must("can be given up with *", "RFC 4954 section 4", function()
    local s = probe.session()
    probe.offers_login(s)
    if not s:has("AUTH", "LOGIN") then skip("no AUTH LOGIN, which asks first") end
    local r = s:auth_raw("LOGIN")
    if r.code ~= 334 then probe.refused("AUTH LOGIN", r) end
    r = probe.ask(s.cmd, s, "*")
    if not r then fail("the server hangs up: a client must be able to cancel a login and go on") end
    if r.code == 421 then probe.refused("the answer *", r) end
    r:expect(501, "a client must be able to cancel")
  end)
end)
