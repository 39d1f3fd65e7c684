lesson{
  title = "First hello",
  about = [[
    An SMTP server is like a person who answers every line with a number and a few words. You can talk to it with your own hands.
    Lines that you type go out as they are; what begins with S: came from the server.

    The server speaks first: its greeting begins with 220. Then it is your turn.]],
  steps = {
    {
      goal = "Introduce yourself to the server with EHLO and a name.",
      hints = {"EHLO is followed by the name of the machine that speaks; for now any name will do.", "EHLO me.example.org"},
      done = function(at) return at.s and at.s.state == "ready" and at.s:has("HELP") end,
      remark = function(at)
        if at.s and at.s.state == "ready" then return "HELO is the old way, and is answered with one line. EHLO asks for more." end
        if at.reply and not at.reply.ok then return "The server did not like that; :why explains its reply." end
      end,
      well = "250 means done. The lines after the first list what this server can do; a lesson of its own is about them.",
      wrong = "HELLO\n:help", play = "EHLO me.example.org",
    },
    {
      goal = "Ask for a sign of life: the command that does nothing and is answered all the same.",
      hints = {"It is short for no operation.", "NOOP"},
      done = function(at) return at.reply and (at.reply.cmd:upper() .. " "):find("^NOOP ") and at.reply.ok end,
      well = "Programs keep a connection alive with it.",
      wrong = "NOTHING", play = "NOOP",
    },
    {
      goal = "Say goodbye in the way of SMTP.",
      hints = {"The command has four letters and begins with Q; without a colon, or you would leave the prompt.", "QUIT"},
      done = function(at) return at.reply and at.reply.cmd:upper() == "QUIT" and at.reply.code == 221 end,
      well = "221: the server says goodbye and closes the connection.",
      wrong = "BYE", play = "QUIT",
    },
  },
  meaning = [[
    Every mail program does just this, many times a day: it connects, waits for 220, introduces itself, does its work and leaves with QUIT.
    With these three commands you can find out of any mail server whether it is there, what it calls itself and what it can do.]],
}
