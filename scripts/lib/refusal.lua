-- Finds the reason why a server rejected a sender or a recipient. A rejection is about
-- relaying only if its text says so. Other and unknown reasons say nothing about what the
-- server does for other clients.
local refusal = {}

-- the texts about relaying of common servers: Postfix, Exim, Sendmail, Exchange
-- ("relay"), qmail ("rcpthosts"), and RFC 5321 section 3.4 (551, "user not local")
local relaying = [[\b(un)?relay|\brcpthosts\b|\b(user|recipient|mailbox|domain|address|not a)( is)?( not)? local\b|\bnon-?local\b|\bnot (hosted|handled|served) (here|by)\b]]
local closed = [[\b(not?|non-?local|denied|deny|prohibit\w*|refus\w*|reject\w*|unable|cannot|can't|don't|won't|doesn't|forbidden|disallow\w*|disabled|require[sd]?|authenticat\w*|rcpthosts)\b]]

-- texts about this client: the server may answer another client differently
local client = [[\bclient (host|ip|address|network)\b|\bhost rejected\b|\bptr\b|\breverse[- ](dns|host|name|lookup)|\b(ip )?name (lookup failed|possibly forged)|\b(dynamic|residential|dial-?up)\b|\b(black|block|deny)[- ]?list|\b(host|address|ip|client|network|server)\b.*\bblocked\b|\bblocked (by|using|for|from)\b|\brbl\b|\bdnsbl\b|spamhaus|reputation|\b(spf|dkim|dmarc)\b|\bpop[- ]?(before|3|first)|too (many|much|fast)|\brate\b|throttl|quota|limit exceeded|\blisted\b]]

-- plain removes addresses, domain names and links from a reply text, because they may
-- contain any word.
local function plain(r)
  local t = text.replace(r.text, [[\S+://\S+|<[^>]*>|\S*@\S*|\([^()]*@[^()]*\)]], " ")
  return (text.replace(t, [[(?i)\b[a-z0-9_-]+(\.[a-z0-9_-]+)+\b]], " "))
end

--- Returns the reason of a negative reply: "later", "tls", "login", "hello",
--- "domain", "mailbox", "client", "syntax", "sender", "relay", or "other".
function refusal.reason(r, step)
  local t = plain(r)
  local function says(words) return text.match(t, "(?i)" .. words) ~= nil end
  local detail = (r.enhanced or ""):match("^%d%.(%d+%.%d+)$") or ""
  if detail == "1.8" or detail == "1.7" or says[[sender address rejected]] then return "sender" end
  if detail == "1.2" or detail == "4.4" or detail == "1.10" or says[[(domain|host)( name)? (is )?(not found|unknown|does not exist)|(unknown|no such|unresolvable|nonexistent) (domain|host)|unrouteable|nullmx]] then
    return step == "MAIL" and "sender" or "domain"
  end
  if r.temp then return "later" end
  if r.code == 538 or r.code == 523 or detail == "7.10" or detail == "7.11" then return "tls" end
  if r.code == 530 and says[[tls|ssl|encrypt|secure conn]] then return "tls" end
  if says[[\b(e|l)?he?lo\b]] then return "hello" end
  if says[[starttls|encryption (is )?(needed|required)]] then return "tls" end
  -- 5.7.20 to 5.7.29 are about signatures, SPF and the client's name (RFC 7372)
  if detail:find("^7%.2%d$") or says(client) and not says[[\bnot an open relay\b]] or says[[\bopen (relay|proxy)\b]] and not says[[\bnot? an? open relay\b]] then return "client" end
  if says(relaying) and says(closed) then return "relay" end
  if r.code == 530 or says[[authenticat|log ?in (first|required)|not logged in]] then return "login" end
  if r.code == 503 then return "other" end
  if r.code == 500 or r.code == 501 or r.code == 502 or r.code == 504 or r.code == 555 or detail == "1.3" then return "syntax" end
  if step == "MAIL" then return "sender" end
  if detail == "1.1" or says[[(user|mailbox|recipient|account)\b.*(unknown|not found|unavailable|does not exist)|(unknown|no such) (user|mailbox|recipient|account|person)]] then return "mailbox" end
  if r.code == 551 then return "relay" end
  return "other"
end

--- Texts for the reasons.
refusal.words = {
  later = "rejected temporarily", tls = "rejected without TLS", login = "rejected without a login", hello = "rejected because of EHLO",
  domain = "rejected because the domain is unknown", mailbox = "rejected because the mailbox is unknown", client = "rejected because of this client",
  syntax = "rejected because of the address syntax", sender = "rejected because of the sender", relay = "rejected, no relaying", other = "rejected for another reason",
}

--- Sends DATA after an accepted recipient and returns the reply. After 354 it closes the
--- connection, so that no message is sent.
function refusal.data(s)
  local r = s:cmd("DATA")
  if r.code == 354 then s:close() end
  return r
end

--- Returns a note if client and server are on the same machine, which servers often trust.
function refusal.from_here(s)
  if smtp.target():find("^sandbox:") then return "" end
  local peer = s.peer or ""
  if peer:find("^127%.") or peer:find("^%[::1%]") or peer:find("^/") then
    return "this client runs on the server's machine, which servers often trust: test from another machine too"
  end
  return ""
end

return refusal
