lesson{
  title = "First hello",
  about = [[
    An SMTP client sends one command per line. The server answers each command with a three-digit code and some text.
    In this course you are the client: each line that you type is sent to the server, except lines that begin with a
    colon: these are for smtpsh. Lines that begin with S: came from the server.

    The server sends the first line. It is called the greeting, and it begins with 220. Then it is your turn.]],
  steps = {
    {
      goal = "Introduce yourself to the server: send EHLO and a name.",
      hints = {"After EHLO comes the host name of the client. For now you can use any name.", "EHLO me.example.org"},
      done = function(at) return at.s and at.s.state == "ready" and at.s:has("HELP") end,
      remark = function(at)
        if at.s and at.s.state == "ready" then return "HELO is the old command; its reply is one line. Use EHLO: its reply lists the extensions." end
        if at.reply and not at.reply.ok then return "The server rejected that command. :why explains the reply." end
      end,
      well = "250 means done. The lines after the first one list the extensions of this server. Lesson 8 explains them.",
      wrong = "HELLO\n:help", play = "EHLO me.example.org",
    },
    {
      goal = "Send the command that does nothing. A client uses it to check the connection.",
      hints = {"Its name is short for \"no operation\".", "NOOP"},
      done = function(at) return at.reply and (at.reply.cmd:upper() .. " "):find("^NOOP ") and at.reply.ok end,
      well = "The server still answers. Programs also use NOOP to keep a connection open.",
      wrong = "NOTHING", play = "NOOP",
    },
    {
      goal = "End the session with the SMTP command for it.",
      hints = {"The command has four letters and begins with Q. Type it without a colon: :quit would close this prompt.", "QUIT"},
      done = function(at) return at.reply and at.reply.cmd:upper() == "QUIT" and at.reply.code == 221 end,
      well = "221 means that the server closes the connection.",
      wrong = "BYE", play = "QUIT",
    },
  },
  meaning = [[
    You have had a complete SMTP session: greeting, EHLO, NOOP, QUIT. Every mail program does this many times a day:
    it connects, waits for 220, sends EHLO, does its work and leaves with QUIT.

    You can use these three commands with any mail server. They show whether the server is running, what it calls
    itself, and which extensions it offers.]],
}
