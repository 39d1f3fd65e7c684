local function class(n)
  return function(at)
    for _, r in ipairs(at.replies) do
      if math.floor(r.code / 100) == n then return true end
    end
  end
end

lesson{
  title = "Reply codes",
  about = [[
    Every reply begins with a code of three digits. Programs decide by this code, and sometimes by a second code that
    lesson 4 explains. The text is for people.

    The first digit gives the result. 2 means done. 3 means: send more. 4 means: not now, try later. 5 means: no, do
    not try again. In this lesson you cause one reply of each kind. :why explains the last reply at any time.]],
  steps = {
    {
      goal = "Get a reply that begins with 2.",
      hints = {"Any command that the server accepts will do.", "EHLO me"},
      done = function(at) return at.s and not at.s.closed and class(2)(at) end, wrong = "HALLO", play = "EHLO me",
      well = "2: the server has done what the command asked for.",
    },
    {
      goal = "Get a reply that begins with 5: a permanent rejection.",
      hints = {"Send a command that does not exist, or a command at the wrong time.", "XYZZY"},
      done = class(5), wrong = "NOOP", play = "XYZZY",
      well = "5: the server will reject the same command again. A program must not repeat it unchanged.",
    },
    {
      goal = "Get a reply that begins with 4: a temporary rejection. The mailbox mailbox-full@sandbox.test is full.",
      hints = {"Begin a transaction with MAIL FROM. Then name that recipient.", "MAIL FROM:<ann@example.org>, then RCPT TO:<mailbox-full@sandbox.test>"},
      done = class(4), wrong = "RCPT TO:<mailbox-full@sandbox.test>", play = "MAIL FROM:<ann@example.org>\nRCPT TO:<mailbox-full@sandbox.test>",
      well = "4: it may work later. A mail server keeps the message and tries again, usually for several days.",
    },
    {
      goal = "Get a reply that begins with 3. Then finish what you have begun, so that the last reply begins with 2.",
      hints = {
        "One command has two replies. The first one is 354. The command needs an accepted recipient.",
        "RCPT TO:<bob@sandbox.test>, DATA, a line of text, and a line with only a dot.",
      },
      done = function(at)
        local begun = false
        for _, r in ipairs(at.replies) do
          if r.code == 354 then
            begun = true
          elseif begun and r.cmd == "." and r.ok then
            return true
          elseif math.floor(r.code / 100) ~= 3 then
            begun = false
          end
        end
      end,
      remark = function(at) if at.reply and at.reply.code == 503 then return "503 means that the commands are in the wrong order. :next shows what is missing." end end,
      wrong = "DATA", play = "RCPT TO:<bob@sandbox.test>\nDATA\nSubject: 3\n\nyz\n.",
      well = "354 means: send the message. The 250 after the dot means that the server accepted it. Before that 250 your side is responsible for the message; after it the server is.",
    },
  },
  meaning = [[
    You have caused all four kinds of replies. The difference between 4 and 5 is the most important one. After 4 a
    mail server keeps the message in its queue and tries again. After 5 it returns the message to the sender.

    The text after the code is for people, and each server has its own. A program must not depend on it. The second
    digit gives the subject: 0 is syntax, 1 is information, 2 is the connection, 5 is the mail system.]],
}
