-- Logins: not without encryption, not with weak mechanisms, not with a wrong password.
local probe = require "probe"

-- nobody tries to log in as the user nobody, who has no account, and returns the last
-- reply, or nil if the server closes the connection.
local function nobody(s, mech)
  if mech == "PLAIN" then return probe.ask(s.auth_raw, s, mech, probe.nobody) end
  local r = probe.ask(s.auth_raw, s, mech)
  for _, answer in ipairs{ "bm9ib2R5", "bm90aGluZw==" } do
    if not r or r.code ~= 334 then break end
    r = probe.ask(s.cmd, s, answer)
  end
  return r
end

describe("AUTH #security", function()
  probe.should("offers PLAIN and LOGIN only inside TLS", "RFC 4954 section 4", function()
    local s = probe.hello()
    if s.tls then skip("implicit TLS") end
    for _, m in ipairs{ "PLAIN", "LOGIN" } do
      check(s:has("AUTH", m) and "offered" or "not offered", "AUTH " .. m .. " before TLS: clients send passwords unencrypted, and others in the network can read them. Offer AUTH only inside TLS" .. probe.from_here(s)):equals("not offered")
    end
  end)

  probe.should("accepts no password before TLS", "RFC 4954 section 4", function()
    local doubt -- why the result is open; true if only a login with the right password remains to be checked
    for _, mech in ipairs{ "PLAIN", "LOGIN" } do
      local s = probe.hello()
      if s.tls then skip("implicit TLS") end
      local r = nobody(s, mech)
      if r then expect(r.code == 235 and "accepted" or "rejected", "AUTH " .. mech .. " accepts invented credentials before TLS: anybody can send mail. Require TLS and check passwords. The reply was " .. tostring(r) .. probe.from_here(s)):equals("rejected") end
      if r and r.temp then probe.refused("AUTH", r) end
      -- a closed connection is a rejection too; codes such as 530, 538 and 503 reject AUTH itself
      if r and (r.code == 535 or r.code == 334) then
        -- 535 may be the reply to every password, so the correct one must be tried too
        local ask = "the reply to AUTH " .. mech .. " is " .. tostring(r) .. ", perhaps for every password"
        if probe.user == "" then untried(ask .. ": add --var user=... --secret pass=@prompt") end
        local clear = probe.hello()
        local ok, right = pcall(clear.auth, clear, { mech = mech, user = probe.user, pass = probe.password() })
        if ok then
          expect(right.code == 235 and "accepted" or "rejected", "AUTH " .. mech .. " accepts the password over an unencrypted connection: others in the network can read it. Require STARTTLS before AUTH" .. probe.from_here(clear)):equals("rejected")
          doubt = doubt or true
        elseif probe.kind(right) == "usage" then
          doubt = ask .. ", and the right password is not sent unencrypted: add --allow-insecure-auth to send it"
        elseif probe.kind(right) == "protocol" then
          untried("the login failed: " .. probe.words(right), right)
        elseif probe.kind(right) ~= "closed" then
          error(right, 0)
        end
      end
    end
    if doubt and doubt ~= true then untried(doubt) end
    if doubt then probe.login(probe.session()) end -- without a login the password may be wrong
  end)

  probe.advice("offers no weak mechanism", "RFC 6331 and the IANA registry of SASL mechanisms", function()
    local s = probe.session()
    probe.offers_login(s)
    for _, weak in ipairs{
      { "CRAM-MD5", "an attacker who records it can guess the password" }, { "DIGEST-MD5", "it is historic (RFC 6331)" },
      { "NTLM", "an attacker who records it can guess the password" }, { "ANONYMOUS", "it requires no password" },
    } do
      check(s:has("AUTH", weak[1]) and "offered" or "not offered", weak[1] .. " is weak: " .. weak[2] .. ". Remove it from the mechanisms that the server offers"):equals("not offered")
    end
  end)

  probe.must("rejects a wrong password", "RFC 4954 section 6", function()
    -- the password is invented, so it may be sent unencrypted
    local s = probe.session{ insecure_auth = true }
    probe.offers_login(s)
    if probe.user == "" then untried("no login is known: add --var user=...") end
    local usable = false
    for _, m in ipairs{ "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS" } do
      usable = usable or s:has("AUTH", m)
    end
    if not usable then untried("the server offers no supported mechanism with a password") end
    local mech = s:has("AUTH", "PLAIN") and "PLAIN" or nil
    local ok, r = pcall(probe.ask, s.auth, s, { mech = mech, user = probe.user, pass = "certainly-not-the-password" })
    if not ok then
      if probe.kind(r) == "protocol" then untried("the login failed for a reason other than the password: " .. probe.words(r), r) end
      error(r, 0)
    end
    if r then
      expect(r.code == 235 and "accepted" or "rejected", "the server accepts a wrong password: anybody can log in and send mail. Check its authentication backend" .. probe.from_here(s)):equals("rejected")
      if r.code ~= 535 then probe.refused("the login (for another reason than the password)", r) end
    end
    -- a server that rejects every login has not checked the password
    probe.login(probe.session())
  end)

  probe.must("rejects a second login in a session", "RFC 4954 section 4", function()
    local s = probe.session()
    probe.offers_login(s)
    probe.login(s)
    local r = probe.ask(s.auth_raw, s, "PLAIN", probe.nobody)
    if r then probe.plain(r):expect(503, "a client could change its user in one session. Reject AUTH after a successful login with 503") end
  end)

  probe.must("can be canceled with *", "RFC 4954 section 4", function()
    local s = probe.session()
    probe.offers_login(s)
    if not s:has("AUTH", "LOGIN") then skip("AUTH LOGIN is not offered") end
    local r = s:auth_raw("LOGIN")
    if r.code ~= 334 then probe.refused("AUTH LOGIN", r) end
    r = probe.ask(s.cmd, s, "*")
    if not r then expect("a closed connection", "the client canceled the login with * and cannot try another mechanism. Answer * with 501 and keep the session open"):equals("501") end
    if r.code == 421 then probe.refused("the line *", r) end
    r:expect(501, "the client canceled the login with *, and another reply does not confirm it. Answer * with 501")
  end)
end)
