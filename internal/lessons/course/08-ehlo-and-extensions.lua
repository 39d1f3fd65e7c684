lesson{
  title = "EHLO and extensions",
  about = [[
    A client introduces itself with HELO or with EHLO. HELO is from 1982. EHLO is newer: its reply lists the
    extensions that the server offers. A client must use only the extensions in this list.]],
  steps = {
    {
      goal = "Introduce yourself with the old command, HELO, and read the reply.",
      hints = {"HELO me"},
      done = function(at) return at.reply and at.reply.cmd:upper():find("^HELO ") and at.reply.ok end,
      wrong = "HELO", play = "HELO me",
      well = "One line and no list: after HELO the session has no extensions.",
    },
    {
      goal = "Introduce yourself with the new command, EHLO. Then type :caps to see what each line means. How large may a message be on this server? Answer with the number of bytes.",
      hints = {"The extension is called SIZE.", ":answer 67108864"},
      answer = "67108864", wrong = "EHLO me\n:answer 10", play = "EHLO me\n:caps\n:answer 67108864",
      well = "67108864 bytes are 64 MiB. A client that knows the limit does not send a message that is too large.",
    },
    {
      goal = "Use this extension: begin a transaction that announces a message of 100000000 bytes. The server must reject it before you send the message.",
      hints = {
        "A parameter follows the address: SIZE=number. Press Tab after MAIL FROM:<...> to list the parameters that this server offers.",
        "MAIL FROM:<ann@example.org> SIZE=100000000",
      },
      done = function(at) return at.reply and at.reply.code == 552 and (at.reply.cmd:upper() .. " "):find("^MAIL FROM:<.*> .*SIZE=100000000 ") end,
      remark = function(at)
        if at.reply and at.reply.code == 503 then return "A transaction is open, so the server did not look at the size. Send RSET first." end
        if at.reply and at.reply.code == 552 then return "The server rejected a size, but the command was not MAIL with SIZE=100000000." end
      end,
      wrong = "MAIL FROM:<ann@example.org> SIZE=10\nRSET", play = "MAIL FROM:<ann@example.org> SIZE=100000000",
      well = "552: the message is too large. The client learned this before it sent the message.",
    },
    {
      goal = "Use an extension that the server does not offer: add MT-PRIORITY=3 (a priority for the transfer) to MAIL FROM.",
      hints = {"MAIL FROM:<ann@example.org> MT-PRIORITY=3"},
      done = function(at) return at.reply and (at.reply.cmd:upper() .. " "):find("^MAIL FROM:<[^>]*> MT%-PRIORITY=3 $") and at.reply.code == 555 end,
      remark = function(at) if at.reply and at.reply.code == 503 then return "A transaction is open, so the server did not look at the parameter. Send RSET first." end end,
      wrong = "NOOP", play = "MAIL FROM:<ann@example.org> MT-PRIORITY=3",
      well = "555: the server does not know the parameter. Use only what is in the EHLO list.",
    },
  },
  meaning = [[
    You have read the list of extensions, used one, and seen what happens with one that the server does not offer.
    When mail between two servers fails, compare their EHLO lists first.

    Important extensions are 8BITMIME and SMTPUTF8 (text in all languages), PIPELINING (speed), CHUNKING (large and
    binary messages), DSN (delivery reports), STARTTLS (encryption) and AUTH (login). Extensions also keep old servers
    working: a server without EHLO answers 500 or 502, and the client uses HELO instead.]],
}
