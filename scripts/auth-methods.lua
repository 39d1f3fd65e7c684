-- summary: list the login mechanisms of a server, before and inside TLS, and try each of them
-- usage: smtpsh run auth-methods [--server HOST:PORT] [--var user=... --secret pass=@prompt] [--secret token=@env:TOKEN]
-- needs: nothing; user and pass (or token) to try the mechanisms

local target = smtp.target()
if target:find("lmtp") then error("LMTP servers have no login: name a submission port", 0) end
local spoken = {
  "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER",
}
local other = { ANONYMOUS = "it requires no password", EXTERNAL = "it uses a client certificate" }
local needs_token = { XOAUTH2 = true, OAUTHBEARER = true }

-- the built-in server has accounts for this
local user, pass, token
if target:find("^sandbox:gmail") then
  user, pass = vars.get("user", "alice@gmail.com"), vars.secret("pass", "abcdefghijklmnop")
elseif target:find("^sandbox:plain") then
  user, pass, token = vars.get("user", "ann@sandbox.test"), vars.secret("pass", "ann-secret"), vars.secret("token", "token-of-ann")
else
  user = vars.get("user", "")
  if user ~= "" then pass = vars.secret("pass") end
end
if vars.get("try_token", "") ~= "" then token = vars.secret("token") end

local function words(e) return type(e) == "userdata" and e.message or tostring(e) end

local function begin(opts)
  local s = smtp.connect(nil, opts)
  if s.greeting.code ~= 220 then untried("inconclusive: the greeting is " .. tostring(s.greeting), s.greeting) end
  local r = s:ehlo()
  if not r.ok then untried("inconclusive: the server answers " .. r.cmd .. " with " .. tostring(r), r) end
  return s
end

-- inside begins a session and starts TLS if the server offers it.
local function inside(opts)
  local s = begin(opts)
  if s.tls or not s:has("STARTTLS") then return s end
  local r = s:starttls()
  if not r.ok then return s, "STARTTLS was rejected: " .. tostring(r), r end
  r = s:ehlo()
  if not r.ok then untried("inconclusive: the server answers " .. r.cmd .. " with " .. tostring(r), r) end
  return s
end

-- mechanisms returns the offered mechanisms. The old form "AUTH=PLAIN LOGIN" is in caps.AUTH too.
local function mechanisms(s)
  local list, known = {}, {}
  local offered = s.caps.AUTH
  for m in (type(offered) == "string" and offered or ""):upper():gmatch("%S+") do
    if not known[m] then list[#list + 1] = m end
    known[m] = true
  end
  table.sort(list)
  return list, known
end

local report = {}
local function say(...) report[#report + 1] = string.format(...) end
local function offer(where, s)
  local list = mechanisms(s)
  say("%-12s %s", where, #list > 0 and table.concat(list, " ") or "none")
end

local s = begin()
if not s.tls then offer("before TLS", s) end
pcall(s.quit, s)

local ok, inner, note, because = pcall(inside)
local broken = not ok and inner or nil
if broken then
  -- without verification the mechanisms are visible, and no password is sent
  if type(broken) == "userdata" and broken.kind == "tls" then ok, inner = pcall(inside, { verify = false }) end
  if not ok then
    print(table.concat(report, "\n"))
    error(broken, 0)
  end
  say("%s", words(broken))
  user = ""
end
if note then say("%s", note) end
offer(inner.tls and "inside TLS" or "no TLS", inner)
local list, offered = mechanisms(inner)
pcall(inner.quit, inner)

-- the supported mechanisms, the strongest first, then the unsupported ones
local order, can = {}, {}
for _, m in ipairs(spoken) do
  can[m] = true
  if offered[m] then order[#order + 1] = m end
end
for _, m in ipairs(list) do
  if not can[m] then order[#order + 1] = m end
end

-- try logs in with one mechanism. It returns the result, and whether it is conclusive.
local function try(m, secret)
  local t = inside()
  local r = t:auth{ mech = m, user = user, pass = not needs_token[m] and secret or nil, token = needs_token[m] and secret or nil }
  pcall(t.quit, t) -- the reply counts even if the server closes the connection now
  local code = r.code .. (r.enhanced and " " .. r.enhanced or "")
  if r.code == 235 then return "works " .. code, true end
  if r.code == 535 then return "rejected " .. code, true end
  return "inconclusive " .. tostring(r), false
end

local tried, decided, lost = 0, 0, nil
for _, m in ipairs(order) do
  local secret = needs_token[m] and token or not needs_token[m] and pass
  if not can[m] then
    say("%-20s not tried: %s", m, other[m] or "unsupported mechanism")
  elseif broken then
    say("%-20s not tried: no password is sent to this server", m)
  elseif user == "" or not secret then
    say("%-20s not tried: no %s given (%s)", m, needs_token[m] and "token" or "password", needs_token[m] and "--var user=... --var try_token=1 --secret token=@prompt" or "--var user=... --secret pass=@prompt")
  else
    tried = tried + 1
    local done, result, sure = pcall(try, m, secret)
    if done then
      say("%-20s %s", m, result)
      if sure then decided = decided + 1 end
    else
      say("%-20s not tried: %s", m, words(result))
      lost = lost or result
    end
  end
end
print(table.concat(report, "\n"))
if broken then error(broken, 0) end
if tried > 0 and decided == 0 then
  if lost then error(lost, 0) end
  untried("inconclusive: no login was accepted or rejected")
end
if note then untried("inconclusive: " .. note, because) end
