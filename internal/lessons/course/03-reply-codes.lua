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
    Every reply begins with three digits, and programs look at nothing else. The first digit is the verdict: 2 done, 3 go on, 4 not now, 5 no.
    In this lesson you bring about each of them. :why explains the last reply at any time.]],
  steps = {
    {
      goal = "Get a reply that begins with 2.",
      hints = {"Almost anything polite will do.", "EHLO me"},
      done = function(at) return at.s and not at.s.closed and class(2)(at) end, wrong = "HALLO", play = "EHLO me",
      well = "2: the server did what you asked.",
    },
    {
      goal = "Get a reply that begins with 5: a refusal for good.",
      hints = {"Say something that no server knows, or something at the wrong time.", "XYZZY"},
      done = class(5), wrong = "NOOP", play = "XYZZY",
      well = "5: the same command will be refused again, so a program must not simply repeat it.",
    },
    {
      goal = "Get a reply that begins with 4: not this time. The mailbox mailbox-full@sandbox.test is full.",
      hints = {"Open a transaction with MAIL FROM, then name that recipient.", "MAIL FROM:<ann@example.org>, then RCPT TO:<mailbox-full@sandbox.test>"},
      done = class(4), wrong = "RCPT TO:<mailbox-full@sandbox.test>", play = "MAIL FROM:<ann@example.org>\nRCPT TO:<mailbox-full@sandbox.test>",
      well = "4: later it may work. A mail server keeps the letter and tries again, for days.",
    },
    {
      goal = "Get a reply that begins with 3: go on. Then bring what you have begun to an end.",
      hints = {"One command has two replies; the first of them is 354. It needs an accepted recipient.", "RCPT TO:<bob@sandbox.test>, DATA, a line of text, and a dot alone on a line."},
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
      remark = function(at) if at.reply and at.reply.code == 503 then return "503 is a refusal for the order of commands: :next shows what is missing." end end,
      wrong = "DATA", play = "RCPT TO:<bob@sandbox.test>\nDATA\nSubject: 3\n\nyz\n.",
      well = "354 asked for the letter, and the 250 behind the dot took it. Until that 250 the letter was yours; from then on it is the server's.",
    },
  },
  meaning = [[
    The text behind the digits is for people and differs from server to server: never let a program depend on it. The second digit tells what it is
    about: 0 syntax, 1 information, 2 the connection, 5 the mail system. And 4 against 5 is the difference between a letter that waits in a queue and
    one that comes back.]],
}
