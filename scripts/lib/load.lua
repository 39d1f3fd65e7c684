-- What the scripts for load share: where to, who writes to whom, and how a session
-- begins. All of it can be set with --var.
local M = {}

M.target = smtp.server("sandbox:plain")

-- who can write to whom: at the built-in server, and at a sandbox of this user's
local who = smtp.correspondents(M.target)

-- postmaster is the mailbox that every server has at its own address (RFC 5321 section
-- 4.5.1), as long as nobody says --var to=.
local function postmaster()
  local host = M.target:gsub("^%a+://", ""):match("^%[(.-)%]") or M.target:gsub("^%a+://", ""):match("^([^:/]*)")
  if M.target:find("^unix:") or host == "" or host == "unix" then host = "localhost" end
  if host:find(":", 1, true) then host = "[IPv6:" .. host .. "]" end
  if host:find("^[%d.]+$") then host = "[" .. host .. "]" end
  return "postmaster@" .. host
end

M.from = vars.get("from", who and who.from or "load@example.org")
M.to = vars.get("to", who and who.to or postmaster())

-- header gives the header of a message, without the empty line after it.
function M.header()
  return "From: <" .. M.from .. ">\r\nTo: <" .. M.to .. ">\r\nSubject: load\r\n"
end

-- text gives lines of 64 octets; the variable size says how much, 1024 without one.
function M.text()
  local size = tonumber(vars.get("size", "1024"))
  if not size or size < 0 then error("size must be a number of bytes", 0) end
  return (("x"):rep(62) .. "\r\n"):rep(math.ceil(size / 64))
end

-- message gives a whole message with such a text.
function M.message() return M.header() .. "\r\n" .. M.text() end

-- open begins a session: STARTTLS where it is offered, and a login when the variable
-- user names somebody, when it is asked for, or when a sandbox needs it.
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

-- bye says QUIT where there is somebody left to hear it.
function M.bye(s)
  if not s.closed then pcall(s.quit, s) end
end

return M
