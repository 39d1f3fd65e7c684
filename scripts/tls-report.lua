-- summary: report the TLS of a server: versions, cipher, certificate, days left
-- usage: smtpsh run tls-report [--server HOST:PORT] [--var days=14]
-- needs: nothing; fails if the certificate cannot be verified or expires in fewer than days, or if TLS is older than 1.2

local target = smtp.target()
local want_days = tonumber(vars.get("days", "14")) or error("days must be a number", 0)

-- verification is off, so that the certificate is always visible; tls.verified and
-- tls.verify_error contain the result of the verification
-- now contains the state of the current session: whether its handshake has begun, and
-- whether it uses implicit TLS
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
  pcall(s.quit, s) -- the results count even if the server closes the connection now
  return info
end

local report = {}
local function say(...) report[#report + 1] = string.format(...) end

-- negotiate the newest version; try older ones only if that fails
local ok, info = pcall(secure, {})
if not ok then
  local first = info
  if type(first) ~= "userdata" or first.kind ~= "tls" and first.kind ~= "closed" then error(first, 0) end
  ok, info = pcall(secure, { min_tls = 1.0 })
  if not ok then error(first, 0) end
end
say("%s", target)
say("  negotiated   TLS %.1f, %s%s", info.version, info.cipher, info.key_exchange ~= "" and ", " .. info.key_exchange or "")

-- refuses reports whether an error means that the server rejects a TLS version: the
-- handshake fails, or the server closes the connection in it. Other errors say nothing
-- about it, for example if the server accepts no more connections from this client.
local function refuses(e)
  if type(e) ~= "userdata" then return false end
  if e.kind ~= "tls" and e.kind ~= "closed" then return false end
  if not now.implicit then return now.shaking end
  -- with implicit TLS, errors before and in the handshake look the same. If another
  -- version works, the server accepts connections and has rejected the version
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
for _, v in ipairs(old) do say("  warning      TLS %s is enabled: it is insecure and must not be used (RFC 8996)", v) end
print(table.concat(report, "\n"))

if info.version < 1.2 then fail(("the server offers nothing newer than TLS %.1f, which must not be used (RFC 8996)"):format(info.version)) end
if not info.verified then fail("the certificate cannot be verified: " .. info.verify_error) end
if info.cert.days_left < want_days then
  fail(("the certificate expires in %d days, fewer than %d"):format(info.cert.days_left, want_days))
end
if unknown then
  if type(unknown) ~= "userdata" then error(unknown, 0) end
  untried("inconclusive: some versions are not known: " .. unknown.message:gsub("^inconclusive: ", ""), unknown)
end
