-- Functions for the tests of a mail setup: target, login, sessions in the states that tests
-- begin with, and the levels of rules. If a session cannot reach such a state, the test is
-- inconclusive.
local refusal = require "refusal"
local probe = {}

probe.target = smtp.target()
probe.name = vars.get("helo", "probe.example.net")

-- the built-in server has accounts for this
local accounts = {
  gmail = { user = "alice@gmail.com", pass = "abcdefghijklmnop", other = "bob@gmail.com" },
  plain = { user = "ann@sandbox.test", pass = "ann-secret", other = "bob@sandbox.test" },
  strict = { user = "ann@sandbox.test", pass = "ann-secret", other = "bob@sandbox.test" },
}
local account = accounts[probe.target:match("^sandbox:(%a+)") or ""] or {}

probe.user = vars.get("user", account.user or "")
probe.rcpt = vars.get("rcpt", probe.user)
-- every server accepts mail for postmaster (RFC 5321 section 4.5.1); these tests deliver
-- nothing to it
probe.someone = probe.rcpt ~= "" and probe.rcpt or "postmaster"
probe.sender = probe.user ~= "" and probe.user or vars.get("from", "probe@example.net")
probe.victim = vars.get("victim", "someone@relay-check.invalid")

-- wrong credentials: NUL nobody NUL nothing
probe.nobody = "AG5vYm9keQBub3RoaW5n"

-- what the session of this test lacks, to explain a later rejection
local lack

-- the last session that this test opened
local latest

local function kind(e) return type(e) == "userdata" and e.kind or "" end
local function words(e) return type(e) == "userdata" and e.message or tostring(e) end
local lost = { dial = true, closed = true, timeout = true, tls = true }

--- Ends the test as inconclusive because the server rejected a step that it needs.
function probe.refused(what, r)
  untried(what .. " was rejected: " .. tostring(r) .. (lack and "; " .. lack or ""), r)
end

-- define returns a function that defines a test of a level. A test is inconclusive if its
-- session is lost unexpectedly.
local function define(level)
  return function(name, clause, opts, fn)
    if not fn then
      fn = opts
      opts = {}
    end
    opts.level, opts.clause = level, clause
    it(name, opts, function()
      lack = nil
      latest = nil
      local ok, e = pcall(fn)
      if ok then return end
      if lost[kind(e)] then untried("the connection was lost: " .. words(e), e) end
      error(e, 0)
    end)
  end
end

probe.must, probe.should, probe.advice = define("must"), define("should"), define("advice")

--- Calls a function of a session; returns nil and the error if the server closes it.
function probe.ask(fn, ...)
  local ok, r = pcall(fn, ...)
  if ok then return r end
  if kind(r) == "closed" then return nil, r end
  error(r, 0)
end

--- Returns the reply, or ends the test as inconclusive if the reply says nothing about a
--- rule: a temporary rejection, or one because of missing TLS or login.
function probe.plain(r)
  if r.temp or r.code == 530 then probe.refused(r.cmd ~= "" and r.cmd or "the session", r) end
  return r
end

--- Returns the password, or ends the test as inconclusive without a login.
function probe.password()
  if account.pass then return vars.secret("pass", account.pass) end
  if probe.user == "" then untried("there is no login: add --var user=... --secret pass=@prompt") end
  return vars.secret("pass")
end

--- Ends the last session that this test opened, because a server may allow only one at a
--- time. It returns whether there was one.
function probe.leave(s)
  local before = latest
  if before and not before.closed then pcall(before.quit, before) end
  latest = s
  return before ~= nil
end

--- Sends QUIT and returns a reply that comes before the one to QUIT as text, or nil. Replies
--- come in order, so the test does not need to wait.
function probe.before_quit(s)
  s:write("QUIT\r\n")
  local r = probe.ask(s.read_reply, s)
  if not r or r.code == 221 or r.code == 421 then return nil end
  if r.perm then -- this may be the reply to QUIT itself: then it is the last one
    local ok, another = pcall(s.read_reply, s)
    if not ok then probe.refused("QUIT", r) end
    return tostring(r) .. ", then " .. tostring(another)
  end
  return tostring(r)
end

--- Returns the reply to a command. The test fails if the server closes the connection
--- instead.
function probe.answer(what, fn, ...)
  local r = probe.ask(fn, ...)
  if not r then fail("the server closes the connection at " .. what .. " and sends no reply") end
  return r
end

--- Returns a new session after the greeting and ends the one before it. Only the TLS tests
--- check the certificate; passwords are never sent to an unverified server.
function probe.connect(opts)
  opts = opts or {}
  opts.verify = false
  local ok, s
  local tries = probe.leave() and 4 or 1 -- the server may still count the old session
  for n = 1, tries do
    ok, s = pcall(smtp.connect, nil, opts)
    if ok and s.greeting.code == 220 or n == tries or not ok and not lost[kind(s)] then break end
    if ok then s:close() end
    smtp.sleep(0.1 * n)
  end
  if not ok then
    if lost[kind(s)] then untried("no session: " .. words(s), s) end
    error(s, 0)
  end
  if s.greeting.code ~= 220 then untried("the greeting is " .. tostring(s.greeting), s.greeting) end
  probe.leave(s)
  return s
end

--- Returns a session after EHLO, or after HELO if the server rejects EHLO.
function probe.hello(opts)
  local s = probe.connect(opts)
  local r = s:ehlo(probe.name)
  if r.perm then
    lack = "the server does not support EHLO"
    r = s:helo(probe.name)
  end
  if not r.ok then probe.refused(r.cmd, r) end
  return s
end

--- Returns a session after EHLO, inside TLS if possible, else unencrypted.
function probe.session(opts)
  local s = probe.hello(opts)
  if s.tls or not s:has("STARTTLS") then
    if not s.tls then lack = lack or "the server offers no STARTTLS" end
    return s
  end
  local ok, r = pcall(s.starttls, s)
  if ok and r.ok then
    local again = s:ehlo(probe.name)
    if not again.ok then probe.refused("EHLO inside TLS", again) end
    return s
  end
  if not ok and not lost[kind(r)] then error(r, 0) end
  s = probe.hello(opts)
  lack = "TLS is not possible: " .. (ok and tostring(r) or words(r))
  return s
end

--- Returns a session after EHLO inside TLS, or ends the test as inconclusive.
function probe.secure(opts)
  local s = probe.session(opts)
  if not s.tls then untried("TLS is not active: " .. (lack or "it was not offered")) end
  return s
end

--- Skips the test if the server offers no AUTH.
function probe.offers_login(s)
  if s:has("AUTH") then return end
  if lack then untried("AUTH is not offered, and " .. lack) end
  skip("AUTH is not offered")
end

-- try_login logs in. It does not send the password unencrypted or to an unverified server;
-- then it returns the reason.
local function try_login(s)
  local ok, r = pcall(s.auth, s, { user = probe.user, pass = probe.password() })
  if not ok then
    if kind(r) == "usage" and r.op == "AUTH" then return words(r) .. (r.hint ~= "" and " (" .. r.hint .. ")" or "") end
    if kind(r) == "protocol" then untried("the login failed: " .. words(r), r) end
    error(r, 0)
  end
  if r.code ~= 235 then probe.refused("the login", r) end
end

--- Logs in, or ends the test as inconclusive.
function probe.login(s)
  local why = try_login(s)
  if why then untried("the login was not tried: " .. why) end
  return s
end

--- Returns a session that can send, with a login if possible; probe.entered tells whether
--- the login succeeded.
function probe.ready()
  local s = probe.session()
  probe.entered = false
  if not s:has("AUTH") then return s end
  if probe.user == "" then
    lack = "there is no login: add --var user=... --secret pass=@prompt"
  else
    local why = try_login(s)
    if why then lack = "there is no login: " .. why end
    probe.entered = not why
  end
  return s
end

--- Begins a transaction, or ends the test as inconclusive.
function probe.begin(s, params)
  local r = s:mail(probe.sender, params)
  if not r.ok then probe.refused("the sender " .. probe.sender, r) end
end

--- Checks that the server accepts an ordinary sender after it has rejected another one, in
--- the same session or in a new one.
function probe.still(s)
  local r = probe.ask(s.mail, s, probe.sender)
  if r and r.ok then return end
  probe.begin(probe.ready())
end

--- Adds a recipient, or ends the test as inconclusive.
function probe.recipient(s)
  local r = s:rcpt(probe.someone)
  if not r.ok then probe.refused("the recipient " .. probe.someone, r) end
end

--- Returns a session with an accepted envelope. With deliver, the test sends a message, so a
--- known mailbox is required.
function probe.envelope(deliver)
  if deliver and probe.rcpt == "" then untried("the test needs a recipient: add --var user=... or --var rcpt=...") end
  local s = probe.ready()
  probe.begin(s)
  probe.recipient(s)
  return s
end

--- Returns a valid message and its Message-ID.
function probe.message(subject, lines)
  local m = mail.message{ from = probe.sender, to = { probe.rcpt }, subject = subject, text = "x" }
  return "From: " .. probe.sender .. "\r\nTo: " .. probe.rcpt .. "\r\nSubject: " .. subject .. "\r\nMessage-ID: " .. m.id .. "\r\nDate: " ..
    os.date("!%a, %d %b %Y %H:%M:%S +0000") .. "\r\n\r\n" .. lines, m.id
end

-- poll calls find until it returns a value. After limit seconds it ends the test as
-- inconclusive.
local function poll(limit, pause, find)
  local tries = math.ceil(limit / pause)
  for _ = 1, tries do
    local found = find()
    if found then return found end
    smtp.sleep(pause)
  end
  untried("the message did not arrive within " .. limit .. " seconds")
end

--- Returns the delivered message with a Message-ID, from the built-in server or by IMAP.
function probe.arrived(id)
  local box = smtp.sandbox()
  if box then
    return poll(5, 0.02, function()
      for _, m in ipairs(box:messages()) do
        if m.data:find(id, 1, true) then return m.data end
      end
    end)
  end
  local where = vars.get("imap", "")
  if where == "" then untried("delivered messages cannot be read: add --var imap=imaps://HOST") end
  local reader = vars.get("imap_user", "")
  local login = { user = probe.user, pass = reader == "" and probe.password() or nil }
  if reader ~= "" then login = { user = reader, pass = vars.secret("imap_pass") } end
  local ok, mailbox = pcall(imap.open, where, login)
  if not ok then
    if kind(mailbox) == "usage" then error(mailbox, 0) end
    untried("the mailbox cannot be read: " .. words(mailbox), mailbox)
  end
  local n, unit = vars.get("delivery", "60s"):match("^(%d+)([sm]?)$")
  if not n then error("delivery must be a time such as 90s or 2m", 0) end
  local seconds = tonumber(n) * (unit == "m" and 60 or 1)
  return poll(seconds, 1, function() return mailbox:fetch{ id = id } end)
end

--- Sends a body unchanged and returns the delivered body and message.
function probe.through(lines)
  if not smtp.sandbox() and vars.get("imap", "") == "" then untried("delivered messages cannot be read: add --var imap=imaps://HOST") end
  local s = probe.envelope(true)
  local whole, id = probe.message("probe", lines)
  local r = s:data(whole)
  if not r.ok then probe.refused("the message", r) end
  pcall(s.quit, s)
  local raw = probe.arrived(id)
  return raw:sub((raw:find("\r\n\r\n", 1, true) or raw:find("\n\n", 1, true) or 0)), raw
end

--- Returns a note if the server may trust this client, else "".
function probe.from_here(s)
  local note = refusal.from_here(s)
  return note == "" and "" or " (" .. note .. ")"
end

probe.lost, probe.kind, probe.words = lost, kind, words
return probe
