-- summary: how a server's TLS stands: versions, cipher, certificate, days left
-- usage: smtpsh run tls-report [--server HOST:PORT] [--var days=14]
-- needs: nothing; fewer days left than days, a certificate that cannot be verified, or no version from 1.2 on, is a failure

local target = smtp.target()
local want_days = tonumber(vars.get("days", "14")) or error("days must be a number", 0)

-- verification is switched off to see the certificate in any case; what it would
-- have said is in tls.verified and tls.verify_error
-- now tells how far the present session is: whether its handshake has begun, and
-- whether TLS comes from the start
local now = {}
local function secure(opts)
  opts.verify = false
  now.shaking = false
  local s = smtp.connect(target, opts)
  if s.tls then
    now.implicit = true
  else
    local r = s.greeting
    if r.code ~= 220 then untried("inconclusive: the greeting is " .. tostring(r), r) end
    r = target:find("lmtp") and s:lhlo() or s:ehlo()
    if not r.ok then untried("inconclusive: the server answers " .. r.cmd .. " with " .. tostring(r), r) end
    if not s:has("STARTTLS") then fail("the server offers no TLS") end
    s:write("STARTTLS\r\n")
    r = s:read_reply()
    if r.code ~= 220 then untried("inconclusive: STARTTLS was rejected: " .. tostring(r), r) end
    now.shaking = true
    s:handshake()
  end
  local info = s.tls
  pcall(s.quit, s) -- what was seen counts, also when the server hangs up now
  return info
end

local report = {}
local function say(...) report[#report + 1] = string.format(...) end

-- the best that the server has: older versions are asked for only when it has no other
local ok, info = pcall(secure, {})
if not ok then
  local first = info
  if type(first) ~= "userdata" or first.kind ~= "tls" and first.kind ~= "closed" then error(first, 0) end
  ok, info = pcall(secure, { min_tls = 1.0 })
  if not ok then error(first, 0) end
end
say("%s", target)
say("  negotiated   TLS %.1f, %s%s", info.version, info.cipher, info.key_exchange ~= "" and ", " .. info.key_exchange or "")

-- refuses reports whether an error means that the server refuses a version: the
-- handshake fails, or the server hangs up in it. Anything else says nothing about it,
-- such as a server that takes no further connection of this client.
local function refuses(e)
  if type(e) ~= "userdata" then return false end
  if e.kind ~= "tls" and e.kind ~= "closed" then return false end
  if not now.implicit then return now.shaking end
  -- implicit TLS: before the handshake and in it look the same. Whoever is let in
  -- with another version was not kept out before
  return (pcall(secure, { min_tls = 1.0 }))
end

local versions, old, unknown = {}, {}, nil
for _, v in ipairs{ 1.0, 1.1, 1.2, 1.3 } do
  local spoken, e = v == info.version, nil
  if not spoken then spoken, e = pcall(secure, { min_tls = v, max_tls = v }) end
  local word = spoken and "yes" or "no"
  if not spoken and not refuses(e) then
    word, unknown = "not known", unknown or e
  end
  versions[#versions + 1] = ("%.1f %s"):format(v, word)
  if spoken and v < 1.2 then old[#old + 1] = ("%.1f"):format(v) end
end
say("  versions     %s", table.concat(versions, ", "))
say("  verified     %s", info.verified and "yes, as " .. info.server_name or "NO: " .. info.verify_error)
for i, c in ipairs(info.chain) do
  say("  %s %s", i == 1 and "certificate " or "signed by   ", c.subject)
  if i == 1 and #c.names > 0 then say("  names        %s", table.concat(c.names, " ")) end
  say("  key, end     %s, %d days left", c.key, c.days_left)
end
for _, v in ipairs(old) do say("  warning      TLS %s is on: it can be broken, and must not be used (RFC 8996)", v) end
print(table.concat(report, "\n"))

if info.version < 1.2 then fail(("the server has nothing newer than TLS %.1f, which must not be used (RFC 8996)"):format(info.version)) end
if not info.verified then fail("the certificate cannot be verified: " .. info.verify_error) end
if info.cert.days_left < want_days then
  fail(("the certificate ends in %d days, fewer than %d"):format(info.cert.days_left, want_days))
end
if unknown then
  if type(unknown) ~= "userdata" then error(unknown, 0) end
  untried("inconclusive: some versions are not known: " .. unknown.message:gsub("^inconclusive: ", ""), unknown)
end
