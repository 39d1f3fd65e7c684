lesson{
  title = "As another client",
  about = [[
    Many rules of a server depend on the client's address: who may relay, who is on a block list, who must log in. To
    test such a rule, you would need a machine with that address.

    Postfix has a command for this: XCLIENT. With it, a trusted client says for whom it speaks. The server then treats
    the session as if it came from there. It offers XCLIENT only to addresses that its administrator has named.]],
  server = "sandbox:gmail+xclient/mx",
  steps = {
    {
      goal = "Let the server tell you your own address.",
      hints = {"This server writes it into the first line of its reply to EHLO.", "EHLO me"},
      done = function(at) return at.reply and at.reply.cmd:upper():find("^EHLO") and at.reply.ok end,
      wrong = "NOOP", play = "EHLO me",
      well = "The address is in brackets. Look at the line XCLIENT too: it lists what you may state.",
    },
    {
      goal = "Continue as the client 192.0.2.9, and let the server show that it believes you.",
      hints = {
        ":explain XCLIENT shows the syntax. The attribute for the address is ADDR.",
        "XCLIENT ADDR=192.0.2.9, then EHLO again: the session begins anew.",
      },
      done = function(at)
        return at.reply and at.reply.cmd:upper():find("^EHLO") and at.reply.ok and at.reply.text:find("service, [192.0.2.9]", 1, true)
      end,
      remark = function(at)
        if not at.reply then return end
        local cmd = at.reply.cmd:upper()
        if cmd:find("^XCLIENT") and at.reply.code == 220 then return "220 is a new greeting. Send EHLO again." end
        if cmd:find("^XCLIENT") then return "The server rejected XCLIENT. :why explains the reply." end
        if cmd:find("^EHLO") then return "The server still shows another address." end
      end,
      wrong = "EHLO 192.0.2.9\nEHLO [192.0.2.9]", play = "XCLIENT ADDR=192.0.2.9\nEHLO me",
      well = "From now on, the rules for 192.0.2.9 apply. Everything before, EHLO and a login too, is forgotten.",
    },
    {
      goal = "A question: a similar command changes only what the server logs, not which rules apply. What is its name?",
      hints = {"It is in the reply to EHLO, after XCLIENT.", ":answer XFORWARD"},
      answer = "XFORWARD", wrong = ":answer XCLIENT", play = ":answer XFORWARD",
      well = "XFORWARD. Content filters between two servers use it, so that the log names the first client.",
    },
  },
  meaning = [[
    You have tested a server as another client. smtpsh send and scripts can do it too: --xclient ADDR=192.0.2.9, and
    s:xclient in Lua.

    Load balancers solve the same problem with the PROXY protocol: a line before the greeting that states the client.
    Both are dangerous in wrong hands. If a server accepts XCLIENT or PROXY headers from anybody, an attacker can take
    the address of a trusted machine, and relay through it. So check that your server offers neither to strangers.]],
}
