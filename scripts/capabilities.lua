-- summary: what each door of a server offers: before TLS, inside TLS, and after a login
-- usage: smtpsh run capabilities [--server HOST] [--var doors=HOST:587,HOST:465] [--var user=... --secret pass=@prompt]
-- needs: nothing; user and pass to see what a login adds

local target = smtp.target()
local doors = {}
local named = vars.get("doors", "")
if named ~= "" then
  for d in named:gmatch("[^,%s]+") do doors[#doors + 1] = d end
elseif target:find("^sandbox:[%w-]+$") and not target:find("lmtp") then
  doors = { target .. "/587", target .. "/465", target .. "/25" }
elseif target:find("^[%w.-]+$") then
  doors = { target .. ":587", target .. ":465", target .. ":25" }
else
  doors = { target }
end

-- the rehearsal has an account of its own
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

local function look(door)
  local stages = {}
  local s = smtp.connect(door)
  local lmtp = door:find("lmtp")
  local function hello(name)
    local r = lmtp and s:lhlo() or s:ehlo()
    if r.ok then stages[#stages + 1] = { name = name, caps = list(s) } end
  end
  hello(s.tls and "inside TLS" or "before TLS")
  if not s.tls and s:has("STARTTLS") then
    s:starttls():expect(220)
    hello("inside TLS")
  end
  if user ~= "" and s:has("AUTH") and s:auth{ user = user, pass = password() }.ok then
    hello("logged in")
  end
  s:quit()
  return stages
end

local report, reached = {}, 0
for _, door in ipairs(doors) do
  local ok, result = pcall(look, door)
  report[#report + 1] = door
  if not ok then
    report[#report + 1] = "  " .. (result.message or tostring(result))
  else
    reached = reached + 1
    local before
    for _, stage in ipairs(result) do
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
end
print(table.concat(report, "\n"))
if reached == 0 then error("no door could be reached", 0) end
