-- what is missing in a letter that shall be forged, nil for nothing
local function lacks(m)
  local header = ("\n" .. m.data:lower():gsub("\r\n", "\n") .. "\n"):match("^(.-)\n\n"):gsub("\n[ \t]+", " ")
  local from = " " .. (header:match("\nfrom:([^\n]*)") or "") .. " "
  local tobob = false
  for _, r in ipairs(m.rcpts) do tobob = tobob or r:lower() == "bob@gmail.com" end
  if m.from:lower() ~= "service@bank.example" then return "its envelope is not from service@bank.example" end
  if not from:find("[%s<]service@bank%.example[%s>]") then return "the envelope is forged; let the letter's From say the same" end
  if not tobob then return "it went to somebody else than bob@gmail.com" end
end

-- whether the last letter to an address was refused after its dot, with a word in the reply
local function refused(at, address, word)
  local to = ""
  for _, r in ipairs(at.replies) do
    to = r.ok and r.cmd:lower():match("^rcpt to:%s*<([^>]*)>") or to
  end
  local r = at.reply
  return r and r.cmd == "." and r.enhanced == "5.7.26" and to == address and r.text:lower():find(word)
end

lesson{
  title = "Forged senders: what MAIL FROM proves",
  server = "sandbox:gmail/25",
  about = [[
    Nothing in SMTP checks who you are: MAIL FROM is whatever you type. You are talking to a server like those that take mail for gmail.com, on port 25, without a login.
    bob@gmail.com has a mailbox here.]],
  steps = {
    {
      goal = "Send bob@gmail.com a letter from service@bank.example, a domain that is not yours, with that address in the From of the letter too.",
      hints = {"EHLO, MAIL FROM:<service@bank.example>, RCPT TO:<bob@gmail.com>, DATA, From: service@bank.example ...", "DATA, then From: service@bank.example, Subject: Your account, an empty line, text, a dot."},
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if not lacks(m) then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last then return "It has arrived, but " .. lacks(last) .. "." end
      end,
      wrong = "EHLO me.example.org\nMAIL FROM:<me@example.org>\nRCPT TO:<bob@gmail.com>\nDATA\nFrom: me@example.org\n\nhello\n.",
      play = "MAIL FROM:<service@bank.example>\nRCPT TO:<bob@gmail.com>\nDATA\nFrom: The Bank <service@bank.example>\nSubject: Your account\n\nPlease log in.\n.",
      well = "Accepted: this sandbox has no DNS to look into. A real server would have asked three questions; now see how it says no.",
    },
    {
      goal = "SPF: the domain of the envelope says in the DNS which machines may send for it. Send to spf-hard-fail@gmail.com, where the answer is that of a domain which does not name yours.",
      hints = {"MAIL FROM, RCPT TO:<spf-hard-fail@gmail.com>, DATA, text, dot."},
      done = function(at) return refused(at, "spf-hard-fail@gmail.com", "spf record with a hard fail") end,
      wrong = "MAIL FROM:<service@bank.example>\nRCPT TO:<spf-hard-fail@gmail.com>",
      play = "DATA\nFrom: service@bank.example\n\nhello\n.",
      well = "550 5.7.26, after the dot: SPF looks at the envelope's domain and the address you come from.",
    },
    {
      goal = "DMARC: the domain of the letter's From says what to do with letters that neither SPF nor DKIM proves to be its own. Send to dmarc-reject@gmail.com.",
      hints = {"As before, with RCPT TO:<dmarc-reject@gmail.com>."},
      done = function(at) return refused(at, "dmarc-reject@gmail.com", "dmarc policy") end,
      wrong = "NOOP", play = "MAIL FROM:<service@bank.example>\nRCPT TO:<dmarc-reject@gmail.com>\nDATA\nFrom: service@bank.example\n\nhello\n.",
      well = "Refused by the wish of the domain that was forged.",
    },
    {
      goal = "A question: one of the three is a signature in the header of the letter, which goes on working when the letter is forwarded from another machine. Is it SPF, DKIM or DMARC?",
      hints = {"Which of them is about keys?", ":answer DKIM"},
      answer = "DKIM", wrong = ":answer SPF", play = ":answer DKIM",
      well = "DKIM signs the letter with a key whose other half stands in the DNS of the domain.",
    },
  },
  meaning = [[
    SPF speaks for the envelope and breaks when mail is forwarded; DKIM speaks for the letter and breaks when its text is changed; DMARC asks that one of them passes for the very
    domain that the reader sees in From, and says what to do otherwise. Since 2024 Gmail and others want SPF or DKIM from everybody, and all three from those who send
    much. A new mail server needs them, a PTR record, and patience.]],
}
