-- Senders, recipients and parameters. After a rejection a test also tries a valid command,
-- so that a server that rejects everything does not pass.
local probe = require "probe"

-- sized sends MAIL with a SIZE above the server's limit.
local function sized(s)
  local limit = tonumber(s:has("SIZE")) or skip("no SIZE limit is announced")
  if limit == 0 then skip("SIZE 0: no limit is announced") end
  local r = s:mail(probe.sender, { SIZE = ("%.0f"):format(limit + 1) })
  if r.temp and r.code ~= 452 then probe.refused("MAIL with SIZE", r) end
  if not r.ok then probe.still(s) end
  return r, limit
end

-- means sends MAIL with parameters of an extension that must be accepted. The test is
-- inconclusive if MAIL is rejected without them too.
local function means(s, params, why)
  local r = probe.ask(s.mail, s, probe.sender, params)
  if not r then
    probe.begin(probe.ready())
    expect("a closed connection", "the server closes the connection at MAIL: " .. why):equals("250")
  end
  probe.plain(r)
  if not r.ok then probe.still(s) end
  r:expect(250, why)
end

-- refuses checks the reply to a MAIL that must be rejected, and then sends a valid one.
local function refuses(s, r, why)
  probe.plain(r):expect("5xx", why)
  probe.still(s)
end

describe("the envelope", function()
  probe.should("rejects a too large SIZE at MAIL", "RFC 1870 section 6.1", function()
    local r = sized(probe.ready())
    if r.perm then return end
    r:expect(552, r.ok and "MAIL accepts more than the announced SIZE: clients send the whole message before they learn that it is too large. Reject such a MAIL with 552" or
      "after 452 clients try again for days. Reject a message over a fixed limit with 552")
  end)

  probe.must("enforces its announced SIZE limit", "RFC 1870 section 4", { timeout = "5m" }, function()
    local s = probe.ready()
    local r, limit = sized(s)
    if not r.ok then return end
    local most = tonumber(vars.get("biggest", "100000000")) or error("biggest must be a number of bytes", 0)
    if probe.rcpt == "" then untried("MAIL accepts a larger SIZE, and no mailbox is known for a message: add --var user=... or rcpt=...") end
    if limit > most then untried(("MAIL accepts a larger SIZE, and a message of %.0f bytes is not sent: add --var biggest=%.0f to send it"):format(limit, limit + 1)) end
    s:rset()
    probe.begin(s)
    probe.recipient(s)
    local left, head, line = limit + 1, (probe.message("probe of a size", "")), ("x"):rep(62) .. "\r\n"
    local block = line:rep(1024)
    r = probe.ask(s.data, s, function()
      if head then
        local first = head
        head = nil
        left = left - #first
        return first
      end
      if left <= 0 then return nil end
      left = left - #block
      return block
    end)
    if not r or r.code == 552 or (r.enhanced or ""):find("%.[23]%.[34]$") then return end
    if not r.ok then probe.refused("the message (for another reason than its size)", r) end
    r:expect(552, ("the server accepted a message over its announced limit of %.0f bytes: the limit has no effect. Reject it with 552"):format(limit))
  end)

  for _, bad in ipairs{ { "an empty address", "<>" }, { "two at signs", "<a@@b.example>" }, { "an open bracket", "<a@b.example" } } do
    probe.should("rejects a recipient that is not a mailbox: " .. bad[1], "RFC 5321 section 4.1.2", function()
      local s = probe.envelope()
      probe.plain(s:cmd("RCPT TO:" .. bad[2])):expect("5xx", "the address is invalid: mail to it bounces later or is lost. Reject it with 501 or 553")
    end)
  end

  probe.advice("rejects a recipient that is not a mailbox: no brackets", "RFC 5321 section 4.1.1.3", function()
    local s = probe.envelope()
    probe.plain(s:cmd("RCPT TO:to me")):expect("5xx", "the command has no <address>, so the server guesses the recipient. Reject it with 501")
  end)

  for _, bad in ipairs{ { "two at signs", "<a@@b.example>" }, { "an open bracket", "<a@b.example" } } do
    probe.should("rejects a sender that is not a mailbox: " .. bad[1], "RFC 5321 section 4.1.2", function()
      local s = probe.ready()
      refuses(s, s:cmd("MAIL FROM:" .. bad[2]), "the address is invalid: bounces to it are lost. Reject it with 501 or 553")
    end)
  end

  probe.advice("rejects a sender that is not a mailbox: no brackets", "RFC 5321 section 4.1.1.2", function()
    local s = probe.ready()
    refuses(s, s:cmd("MAIL FROM:from me"), "the command has no <address>, so the server guesses the sender. Reject it with 501")
  end)

  probe.must("accepts bounces", "RFC 2505 section 2.6.1", function()
    local s = probe.ready()
    local r = probe.ask(s.mail, s, "")
    if not r then
      probe.begin(probe.ready())
      expect("a closed connection", "delivery reports use the null reverse-path (RFC 5321 section 4.5.5): users do not get them. Accept MAIL FROM:<>"):equals("250")
    end
    probe.plain(r)
    -- a submission service may let its users send from their own addresses only
    if probe.entered and (r.enhanced or ""):find("^5%.7%.") then probe.refused("the null reverse-path of a user (RFC 6409 section 6.1 allows this)", r) end
    if not r.ok then probe.still(s) end
    r:expect(250, "delivery reports use the null reverse-path (RFC 5321 section 4.5.5): users do not get them. Accept MAIL FROM:<>")
  end)

  probe.must("rejects unknown parameters", "RFC 5321 section 4.1.1.11", function()
    local s = probe.ready()
    refuses(s, s:mail(probe.sender, { XSMTPSH = "1" }), "the server accepts a parameter that it does not know: the client expects an effect that does not happen. Reject it with 555")
  end)

  probe.must("accepts 100 recipients", "RFC 5321 section 4.5.3.1.8", { timeout = "2m" }, function()
    local s = probe.envelope()
    for i = 2, 100 do
      local r = s:rcpt(probe.someone)
      if not r.ok then
        local policy = (r.enhanced or ""):find("^%d%.7%.")
        if r.code == 421 or r.code == 450 or r.code == 451 or r.code == 454 or r.code == 530 or policy then probe.refused("recipient " .. i, r) end
        r:expect("2xx", "only " .. (i - 1) .. " recipients are accepted; servers must accept at least 100. A server with a limit replies 452, so that the client sends the rest later (section 4.5.3.1.10)")
      end
    end
  end)

  probe.must("supports 8BITMIME if it offers it", "RFC 6152 section 2", function()
    local s = probe.ready()
    if not s:has("8BITMIME") then skip("8BITMIME is not offered") end
    means(s, { BODY = "8BITMIME" }, "8BITMIME is offered but rejected: clients cannot send 8-bit text. Accept BODY=8BITMIME, or do not offer 8BITMIME")
  end)

  probe.must("supports SMTPUTF8 if it offers it", "RFC 6531 section 3.1", function()
    local s = probe.ready()
    if not s:has("SMTPUTF8") then skip("SMTPUTF8 is not offered") end
    means(s, { SMTPUTF8 = true }, "SMTPUTF8 is offered but rejected: clients cannot send to international addresses. Accept the parameter, or do not offer SMTPUTF8")
  end)

  probe.must("supports DSN if it offers it", "RFC 3461 section 4", function()
    local s = probe.ready()
    if not s:has("DSN") then skip("DSN is not offered") end
    means(s, { RET = "HDRS", ENVID = "probe1" }, "DSN is offered but RET and ENVID are rejected: mail with delivery options fails. Accept them, or do not offer DSN")
    local r = probe.plain(s:rcpt(probe.someone, { NOTIFY = "FAILURE,DELAY" }))
    if not r.ok then probe.recipient(s) end
    r:expect("25x", "the server offers DSN but rejects NOTIFY: mail with delivery options fails. Accept NOTIFY, or do not offer DSN")
  end)

  probe.must("supports CHUNKING if it offers it", "RFC 3030 section 2", function()
    local s = probe.envelope(true)
    if not s:has("CHUNKING") then skip("CHUNKING is not offered") end
    local whole = probe.message("probe of BDAT", "one chunk and another\r\n")
    probe.plain(s:bdat(whole:sub(1, 20), { last = false })):expect(250, "the server offers CHUNKING but rejects BDAT: clients that use it cannot send. Accept BDAT, or do not offer CHUNKING")
    local r = probe.plain(s:bdat(whole:sub(21), { last = true }))
    if r.perm and r.code ~= 500 and r.code ~= 501 and r.code ~= 502 and r.code ~= 503 then probe.refused("the message", r) end
    r:expect(250, "the server offers CHUNKING but rejects BDAT with LAST: clients that use it cannot send. Accept BDAT, or do not offer CHUNKING")
  end)
end)
