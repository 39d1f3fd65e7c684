-- Encryption: that it is there, that it is new enough, that the certificate fits.
local probe = require "probe"

--- A session inside TLS whose certificate is looked at and not insisted on.
local function unverified(opts)
  opts = opts or {}
  opts.verify = false
  local s = smtp.connect(nil, opts)
  s:ehlo(probe.name):expect(250)
  if not s.tls then
    if not s:has("STARTTLS") then skip("no STARTTLS is offered") end
    s:starttls():expect(220)
  end
  return s
end

describe("TLS #security", function()
  it("is offered", function()
    local s = smtp.connect(nil, { verify = false })
    s:ehlo(probe.name):expect(250)
    expect(s.tls ~= nil or s:has("STARTTLS"), "without STARTTLS every password and letter can be read on the way (RFC 3207, RFC 8314)"):equals(true)
  end)

  it("is 1.2 or newer", function()
    expect(unverified().tls.version, "TLS version (RFC 8996 forbids older ones)"):at_least(1.2)
    local ok = pcall(unverified, { min_tls = 1.0, max_tls = 1.1 })
    expect(ok, "TLS 1.0 or 1.1 is still spoken, which can be broken (RFC 8996)"):equals(false)
  end)

  it("has a certificate that can be verified", function()
    local tls = unverified().tls
    expect(tls.verified, "clients that check certificates refuse this server: " .. (tls.verify_error or "")):equals(true)
  end)

  it("has a certificate that is good for two weeks more", function()
    expect(unverified().tls.cert.days_left, "days until mail stops for clients that check"):at_least(tonumber(vars.get("days", "14")))
  end)

  it("is offered once only", function()
    local s = probe.secure()
    expect(s:has("STARTTLS"), "STARTTLS is still offered inside TLS (RFC 3207 section 4.2)"):equals(false)
  end)

  it("takes nothing for encrypted that came in the clear", function()
    local s = probe.hello{ verify = false }
    if s.tls then skip("TLS from the start: there is no STARTTLS") end
    if not s:has("STARTTLS") then skip("no STARTTLS is offered") end
    s:write("STARTTLS\r\nNOOP\r\n")
    local r = s:read_reply()
    if r.code ~= 220 then return end -- refused at once, which is as good
    s:handshake()
    local ok, answer = pcall(function() return s:read_reply("1s") end)
    expect(ok and tostring(answer) or nil, "a command that came before the handshake was answered inside TLS: an attacker can put commands into the session (RFC 3207 section 5, CVE-2011-0411)"):equals(nil)
  end)
end)
