-- What the tests of a mail setup share: whom they talk to, who logs in, sessions in
-- the states that tests begin with, and the levels of rules. Whatever goes wrong on
-- the way to such a state is no verdict: the test could not be tried.
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
-- every server takes mail for postmaster (RFC 5321 section 4.5.1); nothing is delivered
-- to it here
probe.someone = probe.rcpt ~= "" and probe.rcpt or "postmaster"
probe.sender = probe.user ~= "" and probe.user or vars.get("from", "probe@example.net")
probe.victim = vars.get("victim", "someone@relay-check.invalid")

-- nobody's credentials: NUL nobody NUL nothing
probe.nobody = "AG5vYm9keQBub3RoaW5n"

-- what a session of this test lacks, for the words of a refusal that follows from it
local lack

-- the session that this test has opened last
local latest

local function kind(e) return type(e) == "userdata" and e.kind or "" end
local function words(e) return type(e) == "userdata" and e.message or tostring(e) end
local lost = { dial = true, closed = true, timeout = true, tls = true }

--- Reports that a step which a test needs was refused.
function probe.refused(what, r)
  untried(what .. " was rejected: " .. tostring(r) .. (lack and "; " .. lack or ""), r)
end

-- define makes a test of a level. A session that is lost where the test did not
-- expect it gives no verdict.
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

--- Calls a function of a session; nil and the error when the server hangs up.
function probe.ask(fn, ...)
  local ok, r = pcall(fn, ...)
  if ok then return r end
  if kind(r) == "closed" then return nil, r end
  error(r, 0)
end

--- Gives a reply back, unless it is one that says nothing about a rule: refused for
--- now, or for want of TLS or of a login.
function probe.plain(r)
  if r.temp or r.code == 530 then probe.refused(r.cmd ~= "" and r.cmd or "the session", r) end
  return r
end

--- The password, if there is one.
function probe.password()
  if account.pass then return vars.secret("pass", account.pass) end
  if probe.user == "" then untried("no login is known: add --var user=... --secret pass=@prompt") end
  return vars.secret("pass")
end

--- Ends the session that this test has opened last: a server may allow one at a time.
--- It reports whether there was one.
function probe.leave(s)
  local before = latest
  if before and not before.closed then pcall(before.quit, before) end
  latest = s
  return before ~= nil
end

--- Says QUIT and returns, in words, a reply that comes before the one to QUIT, or nil.
--- The server answers in order, so that a slow one needs no waiting for silence.
function probe.before_quit(s)
  s:write("QUIT\r\n")
  local r = probe.ask(s.read_reply, s)
  if not r or r.code == 221 or r.code == 421 then return nil end
  if r.perm then -- perhaps the reply to QUIT itself: then it is the last one
    local ok, another = pcall(s.read_reply, s)
    if not ok then probe.refused("QUIT", r) end
    return tostring(r) .. ", then " .. tostring(another)
  end
  return tostring(r)
end

--- Gives back the reply to a command that must be answered; the test fails when the
--- server hangs up instead.
function probe.answer(what, fn, ...)
  local r = probe.ask(fn, ...)
  if not r then fail("the server closes the connection at " .. what .. " instead of a reply") end
  return r
end

--- A session that was greeted; the one before it is ended. Its certificate is looked at by tests of TLS only;
--- passwords are never sent to a server that was not verified.
function probe.connect(opts)
  opts = opts or {}
  opts.verify = false
  local ok, s
  local tries = probe.leave() and 4 or 1 -- the server may not have noticed yet that it is over
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

--- The same after EHLO, or HELO where that is all the server knows.
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

--- The same inside TLS where it can be had, else unencrypted.
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
  lack = "TLS could not be established: " .. (ok and tostring(r) or words(r))
  return s
end

--- The same, and inside TLS.
function probe.secure(opts)
  local s = probe.session(opts)
  if not s.tls then untried("TLS is not active: " .. (lack or "it was not offered")) end
  return s
end

--- Whether a login is offered; without one the test does not apply.
function probe.offers_login(s)
  if s:has("AUTH") then return end
  if lack then untried("AUTH is not offered, and " .. lack) end
  skip("AUTH is not offered")
end

-- try_login logs in. Where the password would leave unencrypted, or for a server that
-- was not verified, it stays here, and the reason is returned.
local function try_login(s)
  local ok, r = pcall(s.auth, s, { user = probe.user, pass = probe.password() })
  if not ok then
    if kind(r) == "usage" and r.op == "AUTH" then return words(r) .. (r.hint ~= "" and " (" .. r.hint .. ")" or "") end
    if kind(r) == "protocol" then untried("the login failed: " .. words(r), r) end
    error(r, 0)
  end
  if r.code ~= 235 then probe.refused("the login", r) end
end

--- Logs in, or ends the test without a verdict.
function probe.login(s)
  local why = try_login(s)
  if why then untried("the login is not tried: " .. why) end
  return s
end

--- A session that may send: with a login where one is offered and can be had;
--- probe.entered tells whether there was one.
function probe.ready()
  local s = probe.session()
  probe.entered = false
  if not s:has("AUTH") then return s end
  if probe.user == "" then
    lack = "no login is known: add --var user=... --secret pass=@prompt"
  else
    local why = try_login(s)
    if why then lack = "there is no login: " .. why end
    probe.entered = not why
  end
  return s
end

--- Begins a transaction that every test takes for granted.
function probe.begin(s, params)
  local r = s:mail(probe.sender, params)
  if not r.ok then probe.refused("the sender " .. probe.sender, r) end
end

--- Shows that a plain sender is accepted, after another one was refused: in the same
--- session or, where a refusal leaves something behind, in a new one.
function probe.still(s)
  local r = probe.ask(s.mail, s, probe.sender)
  if r and r.ok then return end
  probe.begin(probe.ready())
end

--- Names a recipient that every test takes for granted.
function probe.recipient(s)
  local r = s:rcpt(probe.someone)
  if not r.ok then probe.refused("the recipient " .. probe.someone, r) end
end

--- A session with an envelope that was accepted. With deliver a message will follow, so
--- that a mailbox must be known.
function probe.envelope(deliver)
  if deliver and probe.rcpt == "" then untried("the test needs a recipient: add --var user=... or --var rcpt=...") end
  local s = probe.ready()
  probe.begin(s)
  probe.recipient(s)
  return s
end

--- A message that nothing is wrong with, and its Message-ID.
function probe.message(subject, lines)
  local m = mail.message{ from = probe.sender, to = { probe.rcpt }, subject = subject, text = "x" }
  return "From: " .. probe.sender .. "\r\nTo: " .. probe.rcpt .. "\r\nSubject: " .. subject .. "\r\nMessage-ID: " .. m.id .. "\r\nDate: " ..
    os.date("!%a, %d %b %Y %H:%M:%S +0000") .. "\r\n\r\n" .. lines, m.id
end

-- poll asks again and again, and ends the test without a verdict when nothing comes.
local function poll(limit, pause, find)
  local tries = math.ceil(limit / pause)
  for _ = 1, tries do
    local found = find()
    if found then return found end
    smtp.sleep(pause)
  end
  untried("the message did not arrive within " .. limit .. " seconds")
end

--- A way to look at what was delivered: the built-in server's mailbox, or IMAP.
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
  if where == "" then untried("there is no way to look at what arrives: give --var imap=imaps://HOST") end
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

--- Sends a body byte for byte and returns what arrives.
function probe.through(lines)
  if not smtp.sandbox() and vars.get("imap", "") == "" then untried("there is no way to look at what arrives: give --var imap=imaps://HOST") end
  local s = probe.envelope(true)
  local whole, id = probe.message("probe", lines)
  local r = s:data(whole)
  if not r.ok then probe.refused("the message", r) end
  pcall(s.quit, s)
  local raw = probe.arrived(id)
  return raw:sub((raw:find("\r\n\r\n", 1, true) or raw:find("\n\n", 1, true) or 0)), raw
end

--- A remark for findings that a trusted client would see too.
function probe.from_here(s)
  local note = refusal.from_here(s)
  return note == "" and "" or " (" .. note .. ")"
end

probe.lost, probe.kind, probe.words = lost, kind, words
return probe
