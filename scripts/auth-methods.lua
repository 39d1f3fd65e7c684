-- summary: which ways to log in a server offers, before and inside TLS, and which of them work
-- usage: smtpsh run auth-methods [--server HOST:PORT] [--var user=... --secret pass=@prompt] [--secret token=@env:TOKEN]
-- needs: nothing; with user and pass (or token) every mechanism is tried

local target = smtp.target()
if target:find("lmtp") then error("LMTP servers know no login: name a submission port", 0) end
local spoken = {
  "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER",
}
local needs_token = { XOAUTH2 = true, OAUTHBEARER = true }

-- the rehearsal has accounts of its own
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

local function begin()
  local s = smtp.connect()
  s.greeting:expect("2xx")
  s:ehlo():expect(250)
  return s
end

local report = {}
local s = begin()
if not s.tls then
  report[#report + 1] = "before TLS   " .. tostring(s:has("AUTH") or "none")
  if s:has("STARTTLS") then
    s:starttls():expect(220)
    s:ehlo():expect(250)
  end
end
report[#report + 1] = (s.tls and "inside TLS   " or "no TLS       ") .. tostring(s:has("AUTH") or "none")
local offered = {}
for _, m in ipairs(spoken) do
  if s:has("AUTH", m) then offered[#offered + 1] = m end
end
s:quit()

for _, m in ipairs(offered) do
  local secret = needs_token[m] and token or not needs_token[m] and pass
  if user == "" or not secret then
    report[#report + 1] = ("%-20s not tried: no %s given"):format(m, needs_token[m] and "token" or "password")
  else
    local t = begin()
    if not t.tls and t:has("STARTTLS") then
      t:starttls():expect(220)
      t:ehlo():expect(250)
    end
    local r = t:auth{ mech = m, user = user, pass = not needs_token[m] and secret or nil, token = needs_token[m] and secret or nil }
    report[#report + 1] = ("%-20s %s %s"):format(m, r.ok and "works" or "refused", r.code .. (r.enhanced and " " .. r.enhanced or ""))
    t:quit()
  end
end
print(table.concat(report, "\n"))
