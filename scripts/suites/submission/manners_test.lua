-- The order of a session: greeting, pipelining, RSET, NOOP, unknown commands, idle clients.
local probe = require "probe"

describe("the session", function()
  probe.must("sends its greeting first, even if the client sends early", "RFC 5321 section 4.3.1", function()
    local ok, s = pcall(smtp.connect, nil, { early = "EHLO " .. probe.name .. "\r\n", verify = false })
    if not ok and probe.kind(s) ~= "closed" then error(s, 0) end
    if not ok or not s.greeting.ok then
      -- a server may reject a client that sends early, but must greet others
      if ok then s:close() end
      probe.hello()
      return
    end
    local r = s.greeting
    expect(r.code, "a reply before the greeting: the client takes it for the greeting, and assigns later replies to the wrong commands. Send the greeting (220) first"):equals(220)
    probe.ask(s.read_reply, s) -- any reply to the early EHLO, or a closed connection
  end)

  probe.must("answers pipelined commands in order", "RFC 2920 section 3.2", function()
    local alone = probe.envelope() -- the server accepts the commands one by one
    if not alone:has("PIPELINING") then skip("PIPELINING is not offered") end
    alone:rset()
    if alone:rcpt(probe.someone).ok then untried("RSET does not end the transaction, so the replies to the commands are all alike") end
    local s = probe.ready()
    local ok, replies = pcall(function()
      -- NOOP may only be the last of a group (section 3.1)
      return s:pipeline{ "MAIL FROM:<" .. probe.sender .. ">", "RCPT TO:<" .. probe.someone .. ">", "RSET", "RCPT TO:<" .. probe.someone .. ">", "NOOP" }
    end)
    if not ok and probe.kind(replies) == "timeout" then expect("no reply", "the server lost commands that were sent together: clients that use pipelining wait until they time out. Answer every command, or do not offer PIPELINING"):equals("a reply to each command") end
    if not ok then error(replies, 0) end
    local codes = {}
    for i, r in ipairs(replies) do
      if r.temp then probe.refused(r.cmd, r) end
      codes[i] = r.cmd:match("%a+") .. " " .. math.floor(r.code / 100) .. "xx"
    end
    expect(table.concat(codes, ", "), "replies in a wrong order: clients assign replies to commands by their order. Execute and answer every command in the order sent"):equals("MAIL 2xx, RCPT 2xx, RSET 2xx, RCPT 5xx, NOOP 2xx")
  end)

  probe.must("continues after an unknown command", "RFC 5321 section 3.8", function()
    local s = probe.hello()
    local alive = s:noop()
    if alive.code == 421 then probe.refused("NOOP", alive) end
    local r = probe.ask(s.cmd, s, "XYZZY plugh")
    if not r then expect("a closed connection", "the server closes the connection at an unknown command: a client that tries an extension loses its session. Answer 500 and keep the session open"):equals("500") end
    -- 500 and 502 are usual; 530 before TLS or a login is allowed too (RFC 3207 section 4,
    -- RFC 4954 section 6)
    if r.temp then probe.refused("the unknown command", r) end
    r:expect("5xx", "the server accepts an unknown command: a client that tries an extension believes that it works. Reject it with 500")
    if not probe.ask(s.noop, s) then expect("a closed connection", "the server closes the connection after an unknown command: a client that tries an extension loses its session. Answer 500 and keep the session open"):equals("an open connection") end
  end)

  probe.must("ends a transaction at RSET", "RFC 5321 section 4.1.1.5", function()
    local s = probe.envelope()
    probe.plain(probe.answer("RSET", s.rset, s)):expect(250, "clients use RSET to begin again. Answer it with 250")
    probe.plain(s:rcpt(probe.someone)):expect("5xx", "the transaction continues after RSET: the next message can go to the wrong recipients. Discard sender and recipients at RSET")
    probe.plain(s:mail(probe.sender)):expect(250, "clients send their next message after RSET. Accept MAIL again")
  end)

  probe.must("changes nothing at NOOP", "RFC 5321 section 4.1.1.9", function()
    local s = probe.envelope()
    probe.plain(probe.answer("NOOP", s.noop, s)):expect(250, "clients use NOOP to keep a session open. Answer it with 250")
    probe.plain(s:rcpt(probe.someone)):expect("25x", "NOOP ended the transaction: clients that use it to keep a session open cannot send. Keep the transaction at NOOP")
  end)

  probe.must("answers QUIT with 221 and closes the connection", "RFC 5321 section 4.1.1.10", function()
    local s = probe.hello()
    s:write("QUIT\r\n")
    local r = probe.answer("QUIT", s.read_reply, s)
    if r.code == 421 then probe.refused("QUIT", r) end
    r:expect(221, "clients report an error at the end of the session. Answer QUIT with 221")
    expect(s:eof("5s") and "closed" or "open", "the connection after QUIT: open ones use up the connections that server and clients can have. Close it after 221"):equals("closed")
  end)

  probe.should("waits for a slow client", "RFC 5321 section 4.5.3.2.7", { tags = "slow", timeout = "15m", on_request = vars.get("slow", "") == "" and "takes five minutes" }, function()
    local idle = vars.get("idle", "4m50s")
    local s = probe.hello{ timeout = "30s" }
    if not s:noop().ok then untried("the server rejects NOOP") end
    smtp.sleep(idle)
    local ok, r = pcall(s.noop, s)
    expect(ok and (r.ok and "2xx" or tostring(r)) or "no reply", "the reply to NOOP after " .. idle .. " without a command: slow clients lose their session. Set the time limit for commands to at least 5 minutes"):equals("2xx")
  end)
end)
