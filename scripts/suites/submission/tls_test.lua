-- Encryption: TLS is offered, its version is current, and the certificate is valid.
local probe = require "probe"

-- inside returns a session inside TLS, even if its certificate cannot be verified; or nil and
-- the error of the handshake.
local function inside(opts)
  opts = opts or {}
  opts.verify = false
  probe.leave()
  local ok, s = pcall(smtp.connect, nil, opts)
  if not ok then
    if probe.kind(s) == "tls" or probe.kind(s) == "closed" and opts.max_tls then return nil, s end
    untried("no session: " .. probe.words(s), s)
  end
  probe.leave(s)
  if s.tls then return s end
  if s.greeting.code ~= 220 then untried("the greeting is " .. tostring(s.greeting), s.greeting) end
  local r = s:ehlo(probe.name)
  if not r.ok then probe.refused("EHLO", r) end
  if not s:has("STARTTLS") then skip("STARTTLS is not offered") end
  s:write("STARTTLS\r\n")
  r = s:read_reply()
  if r.code ~= 220 then probe.refused("STARTTLS", r) end
  local done, e = pcall(s.handshake, s)
  if not done then return nil, e end
  return s
end

-- current returns such a session with the default TLS versions.
local function current()
  local s, e = inside()
  if not s then untried("TLS could not be established: " .. probe.words(e), e) end
  return s
end

describe("TLS #security", function()
  probe.should("is offered", "RFC 8314 section 4.1", function()
    local s = probe.hello()
    expect((s.tls ~= nil or s:has("STARTTLS")) and "offered" or "not offered", "without TLS others in the network can read every password and message. Enable STARTTLS or implicit TLS"):equals("offered")
  end)

  probe.must("is 1.2 or newer", "RFC 8996 sections 4 and 5", function()
    local old, e = inside{ min_tls = 1.0, max_tls = 1.1 }
    if old then
      expect(old.tls.version, "TLS version: 1.0 and 1.1 are insecure, so passwords and messages of clients that use them are at risk. Disable both on the server"):at_least(1.2)
      return
    end
    current() -- the server accepts TLS at all
    -- a closed connection or the alert "protocol version" rejects the version; another alert may
    -- be about something else, such as ciphers
    local said = probe.words(e):lower()
    if probe.kind(e) == "closed" or said:find("protocol version") or said:find("share no tls version") or said:find("eof") or said:find("reset") or said:find("unsupported version") or said:find("closed") then return end
    untried("cannot tell whether TLS 1.0 and 1.1 are enabled: the handshake failed for another reason: " .. probe.words(e))
  end)

  probe.must("has a certificate that clients can verify", "RFC 8314 section 4.4", function()
    local tls = current().tls
    expect(tls.verified and "verified" or "not verified", "clients cannot verify the certificate and must not send: " .. (tls.verify_error or "") .. ". Install a valid certificate for this host name from a CA that clients trust"):equals("verified")
  end)

  probe.advice("has a certificate that is valid for two more weeks", "operational practice", function()
    expect(current().tls.cert.days_left, "days left until the certificate expires: after that clients cannot verify it and stop sending. Renew it"):at_least(tonumber(vars.get("days", "14")))
  end)

  probe.must("is offered once only", "RFC 3207 section 4.2", function()
    local s = probe.secure()
    expect(s:has("STARTTLS") and "offered" or "not offered", "STARTTLS inside TLS: a client that follows the offer fails. Do not offer it after the handshake"):equals("not offered")
  end)

  probe.must("ignores plaintext injected before STARTTLS", "RFC 3207 section 4.2", function()
    local s = probe.hello()
    if s.tls then skip("implicit TLS: there is no STARTTLS") end
    if not s:has("STARTTLS") then skip("STARTTLS is not offered") end
    current() -- STARTTLS works without the injected command
    s = probe.hello()
    s:write("STARTTLS\r\nNOOP\r\n")
    local r = probe.ask(s.read_reply, s)
    if not r then return end -- a closed connection is a rejection too
    if r.code ~= 220 then
      if r.temp then probe.refused("STARTTLS", r) end
      return -- a rejection of STARTTLS also protects the client
    end
    local ok, e = pcall(s.handshake, s)
    if not ok then
      if probe.kind(e) == "tls" or probe.kind(e) == "closed" then return end
      error(e, 0)
    end
    expect(probe.before_quit(s) or "no reply", "the server answered a command from before the handshake inside TLS: an attacker can inject commands into the session (CVE-2011-0411). Discard all input that was buffered before the handshake"):equals("no reply")
  end)
end)
