-- summary: check that a server does not relay for strangers, without sending a message
-- usage: smtpsh run open-relay [--server MX:25] [--var domain=example.org] [--var victim=someone@example.com]
-- needs: domain, a domain of the server (default on the sandbox: its own); victim is a mailbox in another domain

local refusal = require "refusal"
local target = smtp.target()
if target:find("lmtp") then error("LMTP servers deliver and never relay: name an MX", 0) end
if target:find("^sandbox:[%w+-]+$") then target = target .. "/mx" end
-- the domains of a real server cannot be guessed
local domain = vars.get("domain", target:find("^sandbox:gmail") and "gmail.com" or target:find("^sandbox:") and "sandbox.test" or "")
if domain:find("[@%s<>]") then error("domain must be a domain such as example.org", 0) end
local victim = vars.get("victim", "victim@relay-check.invalid")
local named = vars.get("victim", "") ~= ""
local user, host = victim:match("^(.-)@(.+)$")
if not user then error("victim must be a mailbox such as someone@example.com", 0) end
if host:lower() == domain:lower() then error("victim must be a mailbox in another domain than the server's own", 0) end

-- the known ways to use an open relay: sender and recipient. odd names the address whose
-- syntax a server may reject, which is also a safe result. own is set if the addresses
-- contain a domain of the server
local cases = {
  { "plain", "someone@relay-check.invalid", victim },
  { "null sender", "", victim },
  { "sender of the server's own domain", "postmaster@" .. domain, victim, odd = "from", own = true },
  { "sender without a domain", "postmaster", victim, odd = "from" },
  { "percent hack", "someone@relay-check.invalid", user .. "%" .. host .. "@" .. domain, odd = "to", own = true },
  { "bang path", "someone@relay-check.invalid", host .. "!" .. user .. "@" .. domain, odd = "to", own = true },
  { "quoted address", "someone@relay-check.invalid", '"' .. victim .. '"@' .. domain, odd = "to", own = true },
  { "source route", "someone@relay-check.invalid", "@" .. domain .. ":" .. victim, odd = "to", own = true },
  { "address literal", "someone@relay-check.invalid", user .. "@[127.0.0.1]", odd = "to" },
}

-- hello sends EHLO, or HELO if the server rejects EHLO.
local function hello(s)
  local r = s:ehlo()
  if r.perm then r = s:helo() end
  if not r.ok then untried("inconclusive: the server answers " .. r.cmd .. " with " .. tostring(r), r) end
end

-- session begins as a mail server does: EHLO, STARTTLS if offered, EHLO. The certificate
-- is not verified, because no secret is sent.
local seen = { note = "" }
local function session()
  local s = smtp.connect(target, { verify = false })
  if s.greeting.code ~= 220 then untried("inconclusive: the greeting is " .. tostring(s.greeting), s.greeting) end
  hello(s)
  if s.tls or not s:has("STARTTLS") or seen.no_tls then return s end
  local ok, r = pcall(s.starttls, s)
  if ok and r.ok then
    hello(s)
    return s
  end
  seen.no_tls = ok and tostring(r) or r.message
  return session()
end

-- tell returns what a reply means for relaying ("open", "refused", "own", or nil if
-- nothing), and a text for the report.
local function tell(case, r, step)
  local to = case[3]
  if step == "DATA" and r.code == 354 then return "open", "OPEN: accepted at RCPT and DATA" end
  -- a server may accept one of its own addresses that only looks like a relay attempt
  if r.ok then return "own", "accepted at RCPT as an address of its own domain: check it by hand" end
  local why = refusal.reason(r, step)
  if step == "DATA" and why ~= "relay" then return nil, "inconclusive: accepted at RCPT; DATA " .. refusal.words[why] end
  local closed = why == "relay" or case.odd == "from" and step == "MAIL" and (why == "syntax" or why == "sender") or
    case.odd == "to" and step == "RCPT" and (why == "syntax" or why == "mailbox") or why == "mailbox" and named
  return closed and "refused" or nil, closed and "rejected" or "not tried: " .. refusal.words[why]
end

-- try sends an envelope. It returns the deciding reply and its command.
local function try(s, from, to)
  local r = s:mail(from)
  if not r.ok then return r, "MAIL" end
  r = s:rcpt(to)
  local own = domain ~= "" and to:find("@" .. domain, 1, true) and not to:find("^@") or to:find("@[127.0.0.1]", 1, true)
  if not r.ok or own then return r, "RCPT" end
  -- some servers check only at DATA
  return refusal.data(s), "DATA"
end

local open, own, void, report = {}, {}, {}, {}
local broken, unnamed = nil, 0

local function say(case, words, r)
  report[#report + 1] = ("%-34s %s%s"):format(case[1], words, r and " " .. r.code .. (r.enhanced and " " .. r.enhanced or "") or "")
end

local function attempt(case)
  local s = session()
  seen.note = refusal.from_here(s)
  local r, step = try(s, case[2], case[3])
  if not r.ok and step ~= "DATA" and case.odd ~= "from" and case[2] ~= "" and refusal.reason(r, step) == "sender" then
    s:rset() -- the server checks the sender's domain: try again with the null sender
    r, step = try(s, "", case[3])
  end
  local verdict, words = tell(case, r, step)
  say(case, words, r)
  if verdict == "open" then open[#open + 1] = case[1] end
  if verdict == "own" then own[#own + 1] = case[1] end
  if not verdict then
    void[#void + 1] = case[1]
    local reason = refusal.reason(r, step)
    -- prefer an example that an option of this script can change
    if not seen.example or reason == "domain" and seen.why ~= "domain" then seen.example, seen.why = r, reason end
  end
  pcall(function() -- the results count even if the server closes the connection now
    s:rset()
    s:quit()
  end)
end

for _, case in ipairs(cases) do
  if case.own and domain == "" then
    unnamed = unnamed + 1
    say(case, "not tried: add --var domain= with a domain of the server")
  else
    local ok, e = pcall(attempt, case)
    if not ok then
      broken = e
      break
    end
  end
end
if #report > unnamed then print(table.concat(report, "\n")) end
if seen.no_tls then print("note: the session was not encrypted: " .. seen.no_tls) end
if seen.note ~= "" then print("note: " .. seen.note) end
if #open > 0 then
  fail("this server relays for strangers: " .. table.concat(open, ", "))
end
if broken then
  if #report == unnamed then error(broken, 0) end
  untried(("inconclusive: the session was lost after %d of %d ways: %s"):format(#report - unnamed, #cases, broken.message or tostring(broken)), broken)
end
local doubts = {}
if #void > 0 then
  local hint = ""
  if (seen.why == "domain" or seen.why == "mailbox") and not named then hint = "; add --var victim=... with a mailbox in an existing domain" end
  if seen.why == "login" then hint = "; this applies to clients without a login, and logins were not tried" end
  doubts[#doubts + 1] = ("%d of %d ways were rejected for reasons that say nothing about relaying, such as %s%s"):format(#void, #cases, tostring(seen.example), hint)
end
if #own > 0 then
  doubts[#doubts + 1] = ("%d of %d addresses look like the server's own and were accepted (%s): it is not known whether mail to them is relayed"):format(#own, #cases, table.concat(own, ", "))
end
if unnamed > 0 then
  doubts[#doubts + 1] = ("%d of %d ways need a domain of the server: add --var domain=..."):format(unnamed, #cases)
end
if #doubts > 0 then untried("inconclusive: " .. table.concat(doubts, "; ")) end
print("no open relay found")
