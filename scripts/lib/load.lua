-- Functions for the load scripts: target, sender, recipient, and the begin of a session.
-- --var sets the values.
local M = {}

M.target = smtp.server("sandbox:plain")

-- a sender and a recipient that work on the built-in server or on this user's sandbox
local who = smtp.correspondents(M.target)

-- postmaster is the default recipient: every server has this mailbox (RFC 5321 section
-- 4.5.1).
local function postmaster()
  local host = M.target:gsub("^%a+://", ""):match("^%[(.-)%]") or M.target:gsub("^%a+://", ""):match("^([^:/]*)")
  if M.target:find("^unix:") or host == "" or host == "unix" then host = "localhost" end
  if host:find(":", 1, true) then host = "[IPv6:" .. host .. "]" end
  if host:find("^[%d.]+$") then host = "[" .. host .. "]" end
  return "postmaster@" .. host
end

M.from = vars.get("from", who and who.from or "load@example.org")
M.to = vars.get("to", who and who.to or postmaster())

-- header returns the header of a message, without the empty line after it.
function M.header()
  return "From: <" .. M.from .. ">\r\nTo: <" .. M.to .. ">\r\nSubject: load\r\n"
end

-- text returns lines of 64 bytes; the variable size sets the total (default: 1024).
function M.text()
  local size = tonumber(vars.get("size", "1024"))
  if not size or size < 0 then error("size must be a number of bytes", 0) end
  return (("x"):rep(62) .. "\r\n"):rep(math.ceil(size / 64))
end

-- message returns a complete message with this text.
function M.message() return M.header() .. "\r\n" .. M.text() end

-- open begins a session: STARTTLS if offered, and a login if the variable user is set, if
-- opts.login is set, or if the sandbox requires it.
function M.open(opts)
  local user = vars.get("user", "")
  local auth
  if user ~= "" then
    auth = { user = user, pass = vars.secret("pass") }
  elseif who and who.user and (who.login or opts and opts.login) then
    auth = { user = who.user, pass = who.pass }
  elseif opts and opts.login then
    error("this script needs a login: add --var user=USER --secret pass=@prompt", 0)
  end
  if auth and vars.get("mech", "") ~= "" then auth.mech = vars.get("mech") end
  return smtp.open(M.target, { starttls = vars.get("starttls", "try"), auth = auth })
end

-- send sends one message over an open session.
function M.send(s, message)
  s:mail(M.from):expect("2xx")
  s:rcpt(M.to):expect("2xx")
  s:data(message):expect("2xx")
end

-- bye sends QUIT if the session is still open.
function M.bye(s)
  if not s.closed then pcall(s.quit, s) end
end

return M
