lesson{
  title = "First hello",
  about = [[
    An SMTP server answers each line with a number and a few words. In this lesson you type the lines yourself.
    Each line is sent as you type it. Lines that begin with S: come from the server.

    The server sends the first line, its greeting. It begins with 220. Then the client sends commands.]],
  steps = {
    {
      goal = "Introduce yourself to the server with EHLO and a name.",
      hints = {"After EHLO comes the name of the client's machine. Here any name works.", "EHLO me.example.org"},
      done = function(at) return at.s and at.s.state == "ready" and at.s:has("HELP") end,
      remark = function(at)
        if at.s and at.s.state == "ready" then return "HELO is the old command, and its reply has one line. Use EHLO." end
        if at.reply and not at.reply.ok then return "The server rejected this. Type :why for an explanation." end
      end,
      well = "250 means success. The lines after the first list what this server can do. A later lesson explains them.",
      wrong = "HELLO\n:help", play = "EHLO me.example.org",
    },
    {
      goal = "Send the command that does nothing. The server still answers it.",
      hints = {"Its name is short for \"no operation\".", "NOOP"},
      done = function(at) return at.reply and (at.reply.cmd:upper() .. " "):find("^NOOP ") and at.reply.ok end,
      well = "Programs use it to keep a connection open.",
      wrong = "NOTHING", play = "NOOP",
    },
    {
      goal = "End the session politely.",
      hints = {"The command has four letters and begins with Q. Type it without a colon (:q exits the prompt).", "QUIT"},
      done = function(at) return at.reply and at.reply.cmd:upper() == "QUIT" and at.reply.code == 221 end,
      well = "221: the server ends the session and closes the connection.",
      wrong = "BYE", play = "QUIT",
    },
  },
  meaning = [[
    You have held a complete SMTP session. Every mail program does the same many times a day: it connects, waits for 220, sends EHLO, does
    its work and sends QUIT. With these three commands you can check whether a mail server runs, what its name is and what it can do.]],
}
