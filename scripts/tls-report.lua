-- summary: how a server's TLS stands: versions, cipher, certificate, days left
-- usage: smtpsh run tls-report [--server HOST:PORT] [--var days=14]
-- needs: nothing; fewer days left than days, or a certificate that cannot be verified, is a failure

local target = smtp.target()
local want_days = tonumber(vars.get("days", "14")) or error("days must be a number", 0)

-- verification is switched off to see the certificate in any case; what it would
-- have said is in tls.verified and tls.verify_error
local function secure(opts)
  opts.verify = false
  local s = smtp.connect(target, opts)
  if not s.tls then
    if target:find("lmtp") then s:lhlo():expect(250) else s:ehlo():expect(250) end
    s:starttls():expect(220, "the server offers no TLS")
  end
  local info = s.tls
  s:quit()
  return info
end

local report = {}
local function say(...) report[#report + 1] = string.format(...) end

local info = secure{}
say("%s", target)
say("  negotiated   TLS %.1f, %s%s", info.version, info.cipher, info.key_exchange ~= "" and ", " .. info.key_exchange or "")
local versions = {}
for _, v in ipairs{ 1.0, 1.1, 1.2, 1.3 } do
  local ok = pcall(secure, { min_tls = v, max_tls = v })
  versions[#versions + 1] = ("%.1f %s"):format(v, ok and "yes" or "no")
end
say("  versions     %s", table.concat(versions, ", "))
say("  verified     %s", info.verified and "yes, as " .. info.server_name or "NO: " .. info.verify_error)
for i, c in ipairs(info.chain) do
  say("  %s %s", i == 1 and "certificate " or "signed by   ", c.subject)
  if i == 1 and #c.names > 0 then say("  names        %s", table.concat(c.names, " ")) end
  say("  key, end     %s, %d days left", c.key, c.days_left)
end
print(table.concat(report, "\n"))

if not info.verified then fail("the certificate cannot be verified: " .. info.verify_error) end
if info.cert.days_left < want_days then
  fail(("the certificate ends in %d days, fewer than %d"):format(info.cert.days_left, want_days))
end
