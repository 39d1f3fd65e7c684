lesson{
  title = "EHLO and extensions",
  about = [[
    HELO is from 1982. EHLO came in the 1990s: its reply lists the extensions that the server offers. A client may use only extensions in this list.]],
  steps = {
    {
      goal = "Send HELO and look at the reply.",
      hints = {"HELO me"},
      done = function(at) return at.reply and at.reply.cmd:upper():find("^HELO ") and at.reply.ok end,
      wrong = "HELO", play = "HELO me",
      well = "One line and no list: after HELO the session has no extensions.",
    },
    {
      goal = "Send EHLO. Then type :caps to see what each line means. How large can a message for this server be? Answer with the number of bytes.",
      hints = {"The extension is SIZE.", ":answer 67108864"},
      answer = "67108864", wrong = "EHLO me\n:answer 10", play = "EHLO me\n:caps\n:answer 67108864",
      well = "64 MiB. A client that knows the limit does not send larger messages.",
    },
    {
      goal = "Use SIZE: begin a transaction that announces a message of 100000000 bytes. The server rejects it before you send it.",
      hints = {"A parameter follows the address: SIZE=number. Press Tab after MAIL FROM:<...> to list what this server offers.", "MAIL FROM:<ann@example.org> SIZE=100000000"},
      done = function(at) return at.reply and at.reply.code == 552 and (at.reply.cmd:upper() .. " "):find("^MAIL FROM:<.*> .*SIZE=100000000 ") end,
      remark = function(at)
        if at.reply and at.reply.code == 503 then return "A transaction is open. Send RSET first." end
        if at.reply and at.reply.code == 552 then return "Rejected because of its size, but it was not MAIL with SIZE=100000000." end
      end,
      wrong = "MAIL FROM:<ann@example.org> SIZE=10\nRSET", play = "MAIL FROM:<ann@example.org> SIZE=100000000",
      well = "552: too big. No byte of the message had to be sent.",
    },
    {
      goal = "Use an extension that the server does not offer: add MT-PRIORITY=3, which asks for a faster transfer.",
      hints = {"MAIL FROM:<ann@example.org> MT-PRIORITY=3"},
      done = function(at) return at.reply and (at.reply.cmd:upper() .. " "):find("^MAIL FROM:<[^>]*> MT%-PRIORITY=3 $") and at.reply.code == 555 end,
      remark = function(at) if at.reply and at.reply.code == 503 then return "A transaction is open. Send RSET first." end end,
      wrong = "NOOP", play = "MAIL FROM:<ann@example.org> MT-PRIORITY=3",
      well = "555: the server does not know the parameter.",
    },
  },
  meaning = [[
    You can read the list of extensions and use one. Important ones are 8BITMIME and SMTPUTF8 for all languages, PIPELINING for speed, CHUNKING for
    large data, DSN for reports, STARTTLS and AUTH for security. Very old servers reply 500 or 502 to EHLO; clients then use HELO.
    If mail fails between two servers, compare their lists first.]],
}
