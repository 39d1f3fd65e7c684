-- Why a server refused a sender or a recipient. A refusal speaks about relaying only
-- when nothing else explains it: a missing login, missing TLS, a name in EHLO, a rate
-- limit and an unknown domain are other reasons.
local refusal = {}

local function says(r, words) return text.match(r.text, "(?i)" .. words) ~= nil end

--- Names the reason of a reply that is no success: "later", "tls", "login", "hello",
--- "domain", "mailbox", "client", "syntax", "sender", "relay", or "other".
function refusal.reason(r, step)
  local detail = (r.enhanced or ""):match("^%d%.(%d+%.%d+)$") or ""
  if detail == "1.8" or detail == "1.7" or says(r, [[sender address rejected]]) then return "sender" end
  if detail == "1.2" or detail == "4.4" or detail == "1.10" or says(r, [[(domain|host)( name)? (is )?(not found|unknown|does not exist)|(unknown|no such|unresolvable|nonexistent) (domain|host)|unrouteable|nullmx]]) then
    return step == "MAIL" and "sender" or "domain"
  end
  if r.temp then return "later" end
  if r.code == 530 or r.code == 538 or r.code == 523 or detail == "7.10" or detail == "7.11" then
    return (r.code ~= 530 or says(r, [[tls|ssl|encrypt|secure conn]])) and "tls" or "login"
  end
  if says(r, [[\b(e|l)?he?lo\b]]) then return "hello" end
  if says(r, [[starttls|encryption (is )?(needed|required)]]) then return "tls" end
  if says(r, [[relay]]) then return "relay" end
  if says(r, [[authenticat|log ?in (first|required)|not logged in]]) then return "login" end
  if says(r, [[\b(black|block)[ -]?list|\brbl\b|\bdnsbl\b|spamhaus|reputation|too many|rate limit|throttl]]) then return "client" end
  if r.code == 503 then return "other" end
  if r.code == 500 or r.code == 501 or r.code == 502 or r.code == 504 or r.code == 555 or detail == "1.3" then return "syntax" end
  if step == "MAIL" then return "sender" end
  if detail == "1.1" or says(r, [[(user|mailbox|recipient|account)\b.*(unknown|not found|unavailable|does not exist)|(unknown|no such) (user|mailbox|recipient|account|person)]]) then return "mailbox" end
  if r.code == 550 or r.code == 551 or r.code == 553 or r.code == 554 or r.code == 571 then return "relay" end
  return "other"
end

--- The reasons in words.
refusal.words = {
  later = "refused for now", tls = "refused without TLS", login = "refused without a login", hello = "refused because of EHLO",
  domain = "refused because the domain is unknown", mailbox = "refused because the mailbox is unknown", client = "refused because of this client's address",
  syntax = "refused as a form of address", sender = "refused because of the sender", relay = "refused to relay", other = "refused for another reason",
}

--- A remark when client and server are the same machine, which servers often trust.
function refusal.from_here(s)
  if smtp.target():find("^sandbox:") then return "" end
  local peer = s.peer or ""
  if peer:find("^127%.") or peer:find("^%[::1%]") or peer:find("^/") then
    return "this client connects from the server's own machine, which servers often trust: try it from another one too"
  end
  return ""
end

return refusal
