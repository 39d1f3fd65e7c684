-- The order of a session: greeting, pipelining, RSET, NOOP, unknown commands, idle clients.
local probe = require "probe"

describe("the session", function()
  probe.must("sends its greeting first, even if the client sends early", "RFC 5321 section 4.3.1", function()
    local ok, s = pcall(smtp.connect, nil, { early = "EHLO " .. probe.name .. "\r\n", verify = false })
    if not ok and probe.kind(s) ~= "closed" then error(s, 0) end
    if not ok or not s.greeting.ok then
      -- refusing a client that speaks early, or hanging up, is good practice too; but
      -- others must be greeted
      if ok then s:close() end
      probe.hello()
      return
    end
    local r = s.greeting
    expect(r.code == 220, "the first reply must be the greeting or a rejection; it was " .. tostring(r)):equals(true)
    probe.ask(s.read_reply, s) -- the EHLO that came early: answered, refused, or a hang-up
  end)

  probe.must("answers pipelined commands in order", "RFC 2920 section 3.2", function()
    local s = probe.ready()
    if not s:has("PIPELINING") then skip("PIPELINING is not offered") end
    local ok, replies = pcall(function()
      -- NOOP may only be the last of a group (section 3.1)
      return s:pipeline{ "MAIL FROM:<" .. probe.sender .. ">", "RCPT TO:<" .. probe.someone .. ">", "RSET", "RCPT TO:<" .. probe.someone .. ">", "NOOP" }
    end)
    probe.envelope() -- one by one the same commands are accepted
    if not ok and probe.kind(replies) == "timeout" then fail("the server lost commands that were sent together: clients that use pipelining wait until they time out") end
    if not ok then error(replies, 0) end
    local codes = {}
    for i, r in ipairs(replies) do
      if r.temp then probe.refused(r.cmd, r) end
      codes[i] = math.floor(r.code / 100)
    end
    expect(table.concat(codes), "classes of the replies to MAIL RCPT RSET RCPT NOOP: the server must answer every command, in the order sent"):equals("22252")
  end)

  probe.must("continues after an unknown command", "RFC 5321 section 3.8", function()
    local s = probe.hello()
    local alive = s:noop()
    if alive.code == 421 then probe.refused("NOOP", alive) end
    local r = probe.ask(s.cmd, s, "XYZZY plugh")
    if not r then fail("the server closes the connection at an unknown command: newer clients cannot test for extensions. Answer 500 and keep the session open") end
    -- 500 and 502 are usual; 530 before TLS or a login is as good (RFC 3207 section 4,
    -- RFC 4954 section 6)
    if r.temp then probe.refused("the unknown command", r) end
    r:expect("5xx", "the server must reject an unknown command")
    if not probe.ask(s.noop, s) then fail("the server closes the connection after an unknown command: newer clients cannot test for extensions. Answer 500 and keep the session open") end
  end)

  probe.must("ends a transaction at RSET", "RFC 5321 section 4.1.1.5", function()
    local s = probe.envelope()
    probe.plain(probe.answer("RSET", s.rset, s)):expect(250)
    probe.plain(s:rcpt(probe.someone)):expect("5xx", "RSET must end the transaction; otherwise mail can go to the wrong recipients")
    probe.plain(s:mail(probe.sender)):expect(250)
  end)

  probe.must("changes nothing at NOOP", "RFC 5321 section 4.1.1.9", function()
    local s = probe.envelope()
    probe.plain(probe.answer("NOOP", s.noop, s)):expect(250)
    probe.plain(s:rcpt(probe.someone)):expect("25x", "NOOP must not end the transaction: clients use it to keep a session open")
  end)

  probe.must("answers QUIT with 221 and closes the connection", "RFC 5321 section 4.1.1.10", function()
    local s = probe.hello()
    s:write("QUIT\r\n")
    local r = probe.answer("QUIT", s.read_reply, s)
    if r.code == 421 then probe.refused("QUIT", r) end
    r:expect(221)
    expect(s:eof("5s"), "the server must close the connection after QUIT"):equals(true)
  end)

  probe.should("waits for a slow client", "RFC 5321 section 4.5.3.2.7", { tags = "slow", timeout = "15m", on_request = vars.get("slow", "") == "" and "takes five minutes" }, function()
    local idle = vars.get("idle", "4m50s")
    local s = probe.hello{ timeout = "30s" }
    if not s:noop().ok then untried("the server rejects NOOP") end
    smtp.sleep(idle)
    local ok, r = pcall(s.noop, s)
    expect(ok and r.ok, "the server must wait at least 5 minutes for a command; the client was idle for " .. idle):equals(true)
  end)
end)
