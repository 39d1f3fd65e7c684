-- Who may send: users after a login, and nobody else.
local probe = require "probe"
local refusal = require "refusal"

-- users_may reports whether the server accepts a recipient after a login that it rejected
-- before. Postfix answers only "Access denied" if it requires a login; a rejection because of
-- the client's address has another text.
local function users_may(r, to)
  if not text.match(r.text, "Recipient address rejected: Access denied") then return false end
  local s = probe.ready()
  if not probe.entered then return false end
  local from = probe.ask(s.mail, s, probe.sender)
  local there = from and from.ok and probe.ask(s.rcpt, s, to)
  -- "unknown domain" also means that the server accepts mail of this user
  return there and (there.ok or refusal.reason(there, "RCPT") == "domain")
end

-- stranger tries MAIL, RCPT and DATA without a login, and closes the connection before the
-- message. It returns the reply that accepts the message, or nil if the server rejects it
-- because a login is missing.
local function stranger(s, to)
  local last
  for _, from in ipairs{ "someone@example.net", "" } do
    local r, step = probe.ask(s.mail, s, from), "MAIL"
    if r and r.ok then
      r, step = probe.ask(s.rcpt, s, to), "RCPT"
    end
    if r and r.ok then
      r, step = probe.ask(refusal.data, s), "DATA" -- a server may check at DATA only
      if r and r.code == 354 then return r end
    end
    if not r then untried("the server closes the connection at " .. step .. " without a login; the reason is unknown") end
    local why = refusal.reason(r, step)
    if why == "login" or why == "relay" then return nil end
    if why == "other" and step == "RCPT" and users_may(r, to) then return nil end
    last = r
    if why ~= "sender" then break end
  end
  return probe.refused("mail without a login (for another reason)", last)
end

-- reveals reports whether a line of the reply to EXPN names a member. The name of the list
-- itself and words such as ok are not members.
local function reveals(line, list)
  local said = text.trim(text.replace(line, [[^[0-9]\.[0-9]+\.[0-9]+( |$)]], "")):lower()
  local name = said:match("<([^<>]*)>") or said:match("[^%s]+@[^%s]+") or said
  name = name:gsub("@.*", "")
  return name ~= "" and name ~= list and not name:find("^ok%f[%A]") and not name:find("^okay%f[%A]") and not name:find("^done%f[%A]")
end

describe("relaying #security", function()
  probe.must("does not relay for strangers", "RFC 2505 section 2.1", function()
    local s = probe.session()
    local r = stranger(s, probe.victim)
    if r then r:expect("5xx", "the server accepts mail from strangers for another domain (open relay): spammers use it, and block lists then list the server. Require a login to relay" .. probe.from_here(s)) end
  end)

  probe.must("requires a login before it accepts a message", "RFC 6409 section 4.3", function()
    local s = probe.session()
    probe.offers_login(s)
    if s.peer:find(":25$") then skip("port 25 accepts mail for its own users from everybody") end
    local r = stranger(s, probe.someone)
    if r then r:expect("5xx", "the submission service accepts mail without a login: anybody can send through it. Require AUTH before MAIL" .. probe.from_here(s)) end
  end)

  probe.advice("does not confirm who has a mailbox (VRFY)", "RFC 5321 section 7.3", function()
    local s = probe.session()
    if probe.rcpt == "" then untried("no mailbox is known: add --var rcpt=...") end
    local r = probe.ask(s.vrfy, s, probe.rcpt)
    if not r or r.code == 252 or r.perm then return end
    if r.temp then probe.refused("VRFY", r) end
    r:expect({ code = { 252, "5xx" } }, "strangers can collect addresses for spam. The standard allows this; a site that disables VRFY replies 252")
  end)

  probe.advice("does not show the members of a list (EXPN)", "RFC 5321 section 7.3", function()
    local s = probe.session()
    local refused
    for _, list in ipairs{ "everybody", "all", "staff" } do
      local r = probe.ask(s.expn, s, list)
      if not r then return end
      if r.temp then refused = r end
      local told = false
      for _, line in ipairs(r.ok and r.code ~= 252 and r.lines or {}) do
        told = told or reveals(line, list)
      end
      if told then r:expect({ code = { 252, "5xx" } }, "strangers can collect the addresses of the list's members for spam. A site that disables EXPN replies 252") end
    end
    if refused then probe.refused("EXPN", refused) end
  end)
end)
