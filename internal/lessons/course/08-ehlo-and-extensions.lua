lesson{
  title = "EHLO and extensions",
  about = [[
    HELO is the greeting of 1982, EHLO that of the nineties: it is answered with a list of what the server can do beyond the old standard. Only what is on
    the list may be used.]],
  steps = {
    {
      goal = "Greet in the old way and look at the answer.",
      hints = {"HELO me"},
      done = function(at) return at.reply and at.reply.cmd:upper():find("^HELO ") and at.reply.ok end,
      wrong = "HELO", play = "HELO me",
      well = "One line, no list: with HELO the session has no extensions.",
    },
    {
      goal = "Greet in the new way, then see with :caps what each line means. How large a letter does this server take? Answer with the number of octets.",
      hints = {"The capability is called SIZE.", ":answer 67108864"},
      answer = "67108864", wrong = "EHLO me\n:answer 10", play = "EHLO me\n:caps\n:answer 67108864",
      well = "64 MB. A sender who knows it need not send what would be refused.",
    },
    {
      goal = "Use it: begin a transaction that announces a letter of 100000000 octets, and be refused before sending any of them.",
      hints = {"A parameter follows the address: SIZE=number. Tab behind MAIL FROM:<...> lists what this server offers.", "MAIL FROM:<ann@example.org> SIZE=100000000"},
      done = function(at) return at.reply and at.reply.code == 552 and (at.reply.cmd:upper() .. " "):find("^MAIL FROM:<.*> .*SIZE=100000000 ") end,
      remark = function(at)
        if at.reply and at.reply.code == 503 then return "A transaction is open, and the server looked no further: RSET first." end
        if at.reply and at.reply.code == 552 then return "Refused for its size, but it was not MAIL with SIZE=100000000." end
      end,
      wrong = "MAIL FROM:<ann@example.org> SIZE=10\nRSET", play = "MAIL FROM:<ann@example.org> SIZE=100000000",
      well = "552: too big, and not an octet was wasted.",
    },
    {
      goal = "Use an extension that the server has not offered: ask with MT-PRIORITY=3 for a faster transfer.",
      hints = {"MAIL FROM:<ann@example.org> MT-PRIORITY=3"},
      done = function(at) return at.reply and (at.reply.cmd:upper() .. " "):find("^MAIL FROM:<[^>]*> MT%-PRIORITY=3 $") and at.reply.code == 555 end,
      remark = function(at) if at.reply and at.reply.code == 503 then return "A transaction is open, and the server looked no further: RSET first." end end,
      wrong = "NOOP", play = "MAIL FROM:<ann@example.org> MT-PRIORITY=3",
      well = "555: the parameter is not known here. What is not on the list does not exist.",
    },
  },
  meaning = [[
    Extensions let a protocol of 1982 grow without breaking: old servers answer EHLO with 500 or 502, and clients fall back to HELO. Big ones are 8BITMIME and
    SMTPUTF8 for letters of all languages, PIPELINING for speed, CHUNKING for binary data, DSN for reports, STARTTLS and AUTH for safety.
    When mail breaks between two servers, compare their lists first.]],
}
