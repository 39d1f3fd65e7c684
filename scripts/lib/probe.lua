-- What the tests of a mail setup share: whom they talk to, who logs in, and
-- sessions in the states that tests begin with.
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
probe.victim = vars.get("victim", "someone@relay-check.invalid")

--- The password, or a skipped test when there is none.
function probe.password()
  if account.pass then return vars.secret("pass", account.pass) end
  if probe.user == "" then skip("no login: give --var user=... --secret pass=@prompt") end
  return vars.secret("pass")
end

--- A session that was greeted and has said EHLO.
function probe.hello(opts)
  local s = smtp.connect(nil, opts)
  s.greeting:expect("2xx")
  s:ehlo(probe.name):expect(250)
  return s
end

--- The same inside TLS. What is wrong with TLS is told by the tests of TLS; the
--- others are skipped then.
function probe.secure(opts)
  local ok, s = pcall(probe.hello, opts)
  if not ok then
    if s.kind == "tls" then skip("TLS cannot be had: " .. s.message) end
    error(s, 0)
  end
  if s.tls then return s end
  if not s:has("STARTTLS") then skip("no STARTTLS is offered") end
  local ok, e = pcall(function() s:starttls():expect(220) end)
  if not ok then
    if e.kind == "tls" then skip("TLS cannot be had: " .. e.message) end
    error(e, 0)
  end
  s:ehlo(probe.name):expect(250)
  return s
end

--- The same with a login, or without one where none is offered (port 25).
function probe.ready()
  local s = probe.secure()
  if s:has("AUTH") then
    s:auth{ user = probe.user, pass = probe.password() }:expect(235, "the login must work for this test")
  elseif probe.user == "" then
    skip("no sender and recipient: give --var user=... or rcpt=...")
  end
  return s
end

--- The same with an envelope that was accepted.
function probe.envelope(params)
  local s = probe.ready()
  s:mail(probe.user, params):expect(250)
  s:rcpt(probe.rcpt):expect("25x")
  return s
end

--- A way to look at what was delivered: the built-in server's mailbox, or IMAP.
function probe.arrived(id)
  local box = smtp.sandbox()
  if box then
    return eventually({ timeout = "5s", every = "20ms" }, function()
      for _, m in ipairs(box:messages()) do
        if m.data:find(id, 1, true) then return m.data end
      end
    end)
  end
  local where = vars.get("imap", "")
  if where == "" then skip("no way to look at what arrives: give --var imap=imaps://HOST") end
  local reader = vars.get("imap_user", "")
  local login = { user = probe.user, pass = reader == "" and probe.password() or nil }
  if reader ~= "" then login = { user = reader, pass = vars.secret("imap_pass") } end
  local mailbox = imap.open(where, login)
  return eventually({ timeout = vars.get("delivery", "60s"), every = "1s" }, function() return mailbox:fetch{ id = id } end)
end

--- Sends a body byte for byte and returns what arrives.
function probe.through(lines)
  local s = probe.envelope()
  local m = mail.message{ from = probe.user, to = { probe.rcpt }, subject = "probe", text = "x" }
  s:data("From: " .. probe.user .. "\r\nTo: " .. probe.rcpt .. "\r\nSubject: probe\r\nMessage-ID: " .. m.id .. "\r\nDate: " ..
    os.date("!%a, %d %b %Y %H:%M:%S +0000") .. "\r\n\r\n" .. lines):expect("25x")
  s:quit()
  local raw = probe.arrived(m.id)
  return raw:sub((raw:find("\r\n\r\n", 1, true) or raw:find("\n\n", 1, true) or 0)), raw
end

return probe
