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
    Every reply begins with three digits. The first digit tells a program what to do: 2 success, 3 continue, 4 failed for now, 5 failed for good.
    In this lesson you cause each of them. :why explains the last reply.]],
  steps = {
    {
      goal = "Get a reply that begins with 2.",
      hints = {"Most commands at the right time work.", "EHLO me"},
      done = function(at) return at.s and not at.s.closed and class(2)(at) end, wrong = "HALLO", play = "EHLO me",
      well = "2: the server has done what the command asked for.",
    },
    {
      goal = "Get a reply that begins with 5: a permanent rejection.",
      hints = {"Send a command that does not exist, or a command at the wrong time.", "XYZZY"},
      done = class(5), wrong = "NOOP", play = "XYZZY",
      well = "5: the same command will fail again. A program must not repeat it without a change.",
    },
    {
      goal = "Get a reply that begins with 4: a temporary failure. The mailbox of mailbox-full@sandbox.test is full.",
      hints = {"Begin a transaction with MAIL FROM, then add that recipient.", "MAIL FROM:<ann@example.org>, then RCPT TO:<mailbox-full@sandbox.test>"},
      done = class(4), wrong = "RCPT TO:<mailbox-full@sandbox.test>", play = "MAIL FROM:<ann@example.org>\nRCPT TO:<mailbox-full@sandbox.test>",
      well = "4: it can work later. A mail server keeps the message and tries again for days.",
    },
    {
      goal = "Get a reply that begins with 3: continue. Then finish what you have begun.",
      hints = {"One command has two replies, and the first is 354. It needs an accepted recipient.", "RCPT TO:<bob@sandbox.test>, DATA, a line of text, and a line with a single dot."},
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
      remark = function(at) if at.reply and at.reply.code == 503 then return "503 means a wrong order of commands. :next shows what is missing." end end,
      wrong = "DATA", play = "RCPT TO:<bob@sandbox.test>\nDATA\nSubject: 3\n\nyz\n.",
      well = "354 asked for the message. The 250 after the dot accepted it. Since that 250 the server is responsible for the message.",
    },
  },
  meaning = [[
    You have seen all four kinds of replies. The text after the digits is for people and differs between servers, so programs must not depend on it.
    The second digit shows the subject: 0 syntax, 1 information, 2 the connection, 5 the mail system. After 4 a message waits in the queue and is
    tried again; after 5 it is returned to the sender.]],
}
