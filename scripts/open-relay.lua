-- summary: check that a server does not pass mail on for strangers; nothing is ever sent
-- usage: smtpsh run open-relay [--server MX:25] [--var domain=example.org] [--var victim=someone@example.com]
-- needs: nothing; domain is one that the server is responsible for

local target = smtp.target()
if target:find("lmtp") then error("LMTP servers deliver and never relay: name an MX", 0) end
if target:find("^sandbox:[%w-]+$") then target = target .. "/mx" end
local domain = vars.get("domain", target:find("gmail") and "gmail.com" or "sandbox.test")
local victim = vars.get("victim", "victim@relay-check.invalid")
local user, host = victim:match("^(.-)@(.+)$")
if not user then error("victim must be a mailbox such as someone@example.com", 0) end

-- the ways in which relays were opened by mistake, as sender and recipient
local cases = {
  { "plain", "someone@relay-check.invalid", victim },
  { "null sender", "", victim },
  { "sender of the server's own domain", "postmaster@" .. domain, victim },
  { "sender without a domain", "postmaster", victim },
  { "percent hack", "someone@relay-check.invalid", user .. "%" .. host .. "@" .. domain },
  { "bang path", "someone@relay-check.invalid", host .. "!" .. user .. "@" .. domain },
  { "quoted address", "someone@relay-check.invalid", '"' .. victim .. '"@' .. domain },
  { "source route", "someone@relay-check.invalid", "@" .. domain .. ":" .. victim },
  { "address literal", "someone@relay-check.invalid", user .. "@[127.0.0.1]" },
}

local open, report = {}, {}
for _, case in ipairs(cases) do
  local name, from, to = case[1], case[2], case[3]
  local s = smtp.connect(target)
  s.greeting:expect("2xx")
  if not s:ehlo().ok then s:helo():expect(250) end
  local r = s:mail(from)
  if r.ok then r = s:rcpt(to) end
  -- a server may accept an address at its own domain that only looks like a relay hack
  local own = to:find("@" .. domain, 1, true) and not to:find("^@")
  local verdict = not r.ok and "refused " or own and "accepted, as an address of its own domain: look at it " or "OPEN "
  if r.ok and not own then open[#open + 1] = name end
  report[#report + 1] = ("%-34s %s%s"):format(name, verdict, r.code .. (r.enhanced and " " .. r.enhanced or ""))
  s:rset()
  s:quit()
end
print(table.concat(report, "\n"))
if #open > 0 then
  fail("this server relays for strangers: " .. table.concat(open, ", "))
end
print("no open relay was found")
