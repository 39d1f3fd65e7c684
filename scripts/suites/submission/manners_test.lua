-- The order of the conversation: greeting, pipelining, RSET, NOOP, noise, silence.
local probe = require "probe"

describe("manners", function()
  it("greets first, whoever speaks early", function()
    local ok, s = pcall(smtp.connect, nil, { early = "EHLO " .. probe.name .. "\r\n", verify = false })
    if not ok then
      -- hanging up on who talks early is good practice too
      expect(s.kind, "who talks before the greeting"):equals("closed")
      return
    end
    local r = s.greeting
    expect(r.code == 220 or not r.ok, "the first reply must be the greeting, or a refusal; it was " .. tostring(r) .. " (RFC 5321 section 3.1)"):equals(true)
    if r.code == 220 then
      expect(s:read_reply().ok, "the EHLO that came early is either answered or refused"):equals(true)
    end
  end)

  it("answers pipelined commands in order", function()
    local s = probe.ready()
    if not s:has("PIPELINING") then skip("no PIPELINING is offered") end
    local ok, replies = pcall(function()
      return s:pipeline{ "NOOP", "MAIL FROM:<" .. probe.user .. ">", "RCPT TO:<" .. probe.rcpt .. ">", "RSET", "RCPT TO:<" .. probe.rcpt .. ">", "NOOP" }
    end)
    if not ok and replies.kind == "timeout" then fail("commands that came together were lost: clients that pipeline hang (RFC 2920)") end
    if not ok then error(replies, 0) end
    local codes = {}
    for i, r in ipairs(replies) do codes[i] = math.floor(r.code / 100) end
    expect(table.concat(codes), "classes of the replies to NOOP MAIL RCPT RSET RCPT NOOP (RFC 2920)"):equals("222252")
  end)

  it("goes on after a command that nobody knows", function()
    local s = probe.hello{ verify = false }
    local ok, r = pcall(s.cmd, s, "XYZZY plugh")
    if not ok then fail("the server hangs up at an unknown command: newer clients cannot try what it lacks (RFC 5321 section 4.2.4)") end
    r:expect("50x", "an unknown command gets 500 or 502 (RFC 5321 section 4.2.4)")
    s:noop():expect(250)
  end)

  it("forgets a transaction at RSET", function()
    local s = probe.envelope()
    s:rset():expect(250)
    s:rcpt(probe.rcpt):expect("503", "after RSET there is no transaction: what follows would go to the wrong people (RFC 5321 section 4.1.1.5)")
    s:mail(probe.user):expect(250)
  end)

  it("changes nothing at NOOP", function()
    local s = probe.envelope()
    s:noop():expect(250)
    s:rcpt(probe.rcpt):expect("25x", "NOOP must not end a transaction (RFC 5321 section 4.1.1.9)")
  end)

  it("says goodbye and hangs up", function()
    local s = probe.hello{ verify = false }
    s:write("QUIT\r\n")
    s:read_reply():expect(221, "RFC 5321 section 4.1.1.10")
    expect(s:eof("5s"), "the server closes the connection after QUIT"):equals(true)
  end)

  it("waits for a slow client", { tags = "slow", timeout = "15m", on_request = vars.get("slow", "") == "" and "it takes five minutes" }, function()
    local idle = vars.get("idle", "4m50s")
    local s = probe.hello{ verify = false, timeout = "30s" }
    smtp.sleep(idle)
    local ok, r = pcall(s.noop, s)
    expect(ok and r.ok, "still there after " .. idle .. " of silence: servers wait 5 minutes (RFC 5321 section 4.5.3.2.7)"):equals(true)
  end)
end)
