-- summary: list the extensions of each service: before TLS, inside TLS, and after a login
-- usage: smtpsh run capabilities [--server HOST] [--var services=HOST:587,HOST:465] [--var user=... --secret pass=@prompt]
-- needs: nothing; user and pass to list the extensions after a login

local target = smtp.target()
local services = {}
local named = vars.get("services", "")
if named ~= "" then
  for d in named:gmatch("[^,%s]+") do services[#services + 1] = d end
elseif target:find("^sandbox:[%w+-]+$") and not target:find("lmtp") then
  services = { target .. "/587", target .. "/465", target .. "/25" }
elseif target:find("^[%w.-]+$") then
  services = { target .. ":587", target .. ":465", target .. ":25" }
else
  services = { target }
end

-- the built-in server has an account for this
local user = vars.get("user", target:find("^sandbox:gmail") and "alice@gmail.com" or target:find("^sandbox:plain") and "ann@sandbox.test" or "")
local function password()
  if target:find("^sandbox:gmail") then return vars.secret("pass", "abcdefghijklmnop") end
  if target:find("^sandbox:plain") then return vars.secret("pass", "ann-secret") end
  return vars.secret("pass")
end

local function list(s)
  local out = {}
  for k, v in pairs(s.caps) do out[#out + 1] = v == true and k or k .. " " .. v end
  table.sort(out)
  return out
end

local function words(e) return type(e) == "userdata" and e.message or tostring(e) end

-- what could not be tested: a text, and the reply or error that caused it
local doubt = {}
local function inconclusive(what, because) doubt[#doubt + 1] = { "inconclusive: " .. what, because } end

-- look adds each result to stages, so that no result is lost if a later step fails.
local function look(service, stages, opts)
  local s = smtp.connect(service, opts)
  local lmtp = service:find("lmtp")
  local function note(text) stages[#stages + 1] = { note = text } end
  if s.greeting.code ~= 220 then untried("inconclusive: the greeting is " .. tostring(s.greeting), s.greeting) end
  local function hello(name)
    local r = lmtp and s:lhlo() or s:ehlo()
    if r.ok then
      stages[#stages + 1] = { name = name, caps = list(s) }
    else
      note(name .. ": " .. tostring(r))
      inconclusive("the extensions " .. name .. " are not known: " .. tostring(r), r)
    end
  end
  hello(s.tls and "inside TLS" or "before TLS")
  if not s.tls and s:has("STARTTLS") then
    local r = s:starttls()
    if r.ok then
      hello("inside TLS")
    else
      note("STARTTLS was rejected: " .. tostring(r))
      inconclusive("STARTTLS was rejected: " .. tostring(r), r)
    end
  end
  if user ~= "" and s:has("AUTH") then
    local ok, r = pcall(s.auth, s, { user = user, pass = password() })
    if ok and r.ok then
      hello("logged in")
    else
      local why = ok and tostring(r) or words(r)
      note("no login: " .. why)
      -- a rejected password is a result, and an unsent password has its own message
      if ok and r.temp or not ok and (type(r) ~= "userdata" or r.kind ~= "usage") then inconclusive("the login did not take place: " .. why, r) end
    end
  end
  pcall(s.quit, s) -- the results count even if the server closes the connection now
end

-- describe adds the changes of each stage to report. It returns whether a stage succeeded.
local function describe(stages, report)
  local before
  for _, stage in ipairs(stages) do
    if stage.note then
      report[#report + 1] = "  " .. stage.note
    else
      local now, lines = {}, {}
      for _, c in ipairs(stage.caps) do
        now[c] = true
        if not before then
          lines[#lines + 1] = "      " .. c
        elseif not before[c] then
          lines[#lines + 1] = "    + " .. c
        end
      end
      local gone = {}
      for c in pairs(before or {}) do
        if not now[c] then gone[#gone + 1] = "    - " .. c end
      end
      table.sort(gone)
      report[#report + 1] = "  " .. stage.name .. (before and #lines + #gone == 0 and ": nothing changes" or before and ", what changes:" or "")
      for _, l in ipairs(lines) do report[#report + 1] = l end
      for _, l in ipairs(gone) do report[#report + 1] = l end
      before = now
    end
  end
  return before ~= nil
end

local report, reached, failed, insecure = {}, 0, nil, nil
for _, service in ipairs(services) do
  local stages = {}
  local ok, e = pcall(look, service, stages)
  if not ok and type(e) == "userdata" and e.kind == "tls" then
    -- without verification the rest is visible, and no password is sent
    insecure = insecure or e
    local again = {}
    local better = pcall(look, service, again, { verify = false })
    if better or #again > #stages then stages = again end
  elseif not ok and type(e) ~= "userdata" then
    error(e, 0)
  end
  report[#report + 1] = service
  if describe(stages, report) then reached = reached + 1 end
  if not ok then
    report[#report + 1] = "  " .. words(e)
    failed = failed or e
  end
end
print(table.concat(report, "\n"))
-- a closed port is not an error if the ports were guessed
if insecure then error(insecure, 0) end
if failed and (named ~= "" or reached == 0) then error(failed, 0) end
if reached == 0 then untried("inconclusive: no service has answered EHLO") end
if doubt[1] then untried(doubt[1][1], doubt[1][2]) end
