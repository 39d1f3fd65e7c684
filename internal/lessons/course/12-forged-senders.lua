-- returns what a forged message lacks, or nil
local function lacks(m)
  local header = ("\n" .. m.data:lower():gsub("\r\n", "\n") .. "\n"):match("^(.-)\n\n"):gsub("\n[ \t]+", " ")
  local from = " " .. (header:match("\nfrom:([^\n]*)") or "") .. " "
  local tobob = false
  for _, r in ipairs(m.rcpts) do tobob = tobob or r:lower() == "bob@gmail.com" end
  if m.from:lower() ~= "service@bank.example" then return "its envelope is not from service@bank.example" end
  if not from:find("[%s<]service@bank%.example[%s>]") then return "the envelope is forged, but the From of the message has another address" end
  if not tobob then return "bob@gmail.com is not the recipient" end
end

-- reports whether the last message to an address was rejected after its dot, with a word in the reply
local function refused(at, address, word)
  local to = ""
  for _, r in ipairs(at.replies) do
    to = r.ok and r.cmd:lower():match("^rcpt to:%s*<([^>]*)>") or to
  end
  local r = at.reply
  return r and r.cmd == "." and r.enhanced == "5.7.26" and to == address and r.text:lower():find(word)
end

lesson{
  title = "Forged senders: what MAIL FROM does not prove",
  server = "sandbox:gmail/25",
  about = [[
    SMTP does not check who you are: MAIL FROM is what you type. This server is like those that accept mail for gmail.com, on port 25, without a login.
    bob@gmail.com has a mailbox here.]],
  steps = {
    {
      goal = "Send a message to bob@gmail.com from service@bank.example, a domain that is not yours. Use that address in the From of the message too.",
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
      well = "Accepted: this sandbox does not use DNS. A real server would make three checks. The next steps show how it rejects.",
    },
    {
      goal = "SPF: the domain of the envelope's sender lists in DNS which servers may send for it. Send a message to spf-hard-fail@gmail.com: the reply is the one for a server that is not in the list.",
      hints = {"MAIL FROM, RCPT TO:<spf-hard-fail@gmail.com>, DATA, text, dot."},
      done = function(at) return refused(at, "spf-hard-fail@gmail.com", "spf record with a hard fail") end,
      wrong = "MAIL FROM:<service@bank.example>\nRCPT TO:<spf-hard-fail@gmail.com>",
      play = "DATA\nFrom: service@bank.example\n\nhello\n.",
      well = "550 5.7.26, after the dot. SPF compares the domain of the envelope with the IP address of the client.",
    },
    {
      goal = "DMARC: the domain in the From of a message says what to do with messages that neither SPF nor DKIM confirms. Send a message to dmarc-reject@gmail.com.",
      hints = {"As before, with RCPT TO:<dmarc-reject@gmail.com>."},
      done = function(at) return refused(at, "dmarc-reject@gmail.com", "dmarc policy") end,
      wrong = "NOOP", play = "MAIL FROM:<service@bank.example>\nRCPT TO:<dmarc-reject@gmail.com>\nDATA\nFrom: service@bank.example\n\nhello\n.",
      well = "Rejected, because the forged domain asks for it in its DMARC policy.",
    },
    {
      goal = "A question: one of the three is a signature in the header of the message. It still works when the message is forwarded by another server. Is it SPF, DKIM or DMARC?",
      hints = {"Which of them uses keys?", ":answer DKIM"},
      answer = "DKIM", wrong = ":answer SPF", play = ":answer DKIM",
      well = "DKIM signs the message with a private key. The public key is in the DNS of the domain.",
    },
  },
  meaning = [[
    You have forged a sender, and have seen the three checks against it. SPF checks the envelope and fails when mail is forwarded. DKIM checks a
    signature and fails when the message is changed. DMARC requires that one of them passes for a domain that belongs to the domain in From (alignment;
    by default the same organization is enough), and says what to do otherwise. Since 2024 Gmail and others require SPF or DKIM from all senders, and all
    three from bulk senders. A new mail server needs them and a PTR record.]],
}
