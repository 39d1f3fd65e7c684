-- lacks returns what is missing in the message with the false sender, or nil
local function lacks(m)
  local header = ("\n" .. m.data:lower():gsub("\r\n", "\n") .. "\n"):match("^(.-)\n\n"):gsub("\n[ \t]+", " ")
  local from = " " .. (header:match("\nfrom:([^\n]*)") or "") .. " "
  local tobob = false
  for _, r in ipairs(m.rcpts) do tobob = tobob or r:lower() == "bob@gmail.com" end
  if m.from:lower() ~= "service@bank.example" then return "the sender in its envelope is not service@bank.example" end
  if not from:find("[%s<]service@bank%.example[%s>]") then return "only the envelope has the sender service@bank.example. Write it into the From of the header too" end
  if not tobob then return "bob@gmail.com is not a recipient" end
end

-- refused reports whether the last message to an address was rejected after its dot, with word in the reply
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
  server = "sandbox:gmail/mx",
  about = [[
    SMTP does not check the address in MAIL FROM. The client can send any address. This server behaves like the
    servers that receive mail for gmail.com: port 25, without a login. It has a mailbox for bob@gmail.com.]],
  steps = {
    {
      goal = "Send a message to bob@gmail.com from service@bank.example, a domain that is not yours. Use that address in the From of the header too.",
      hints = {
        "EHLO, MAIL FROM:<service@bank.example>, RCPT TO:<bob@gmail.com>, DATA, From: service@bank.example ...",
        "DATA, then From: service@bank.example, Subject: Your account, an empty line, text, a line with only a dot.",
      },
      done = function(at)
        for _, m in ipairs(at.arrived) do
          if not lacks(m) then return true end
        end
      end,
      remark = function(at)
        local last = at.arrived[#at.arrived]
        if last then return "The server accepted the message, but " .. lacks(last) .. "." end
      end,
      wrong = "EHLO me.example.org\nMAIL FROM:<me@example.org>\nRCPT TO:<bob@gmail.com>\nDATA\nFrom: me@example.org\n\nhello\n.",
      play = "MAIL FROM:<service@bank.example>\nRCPT TO:<bob@gmail.com>\nDATA\nFrom: The Bank <service@bank.example>\nSubject: Your account\n\nPlease log in.\n.",
      well = "The server accepted it, because this sandbox does not use the DNS. A real server would check SPF, DKIM and DMARC. The next steps show how it rejects a message.",
    },
    {
      goal = "SPF: a domain publishes in the DNS which machines may send mail for it. Send a message to spf-hard-fail@gmail.com. For this recipient, the server acts as if the domain does not allow your machine.",
      hints = {"MAIL FROM, RCPT TO:<spf-hard-fail@gmail.com>, DATA, text, a line with only a dot."},
      done = function(at) return refused(at, "spf-hard-fail@gmail.com", "spf record with a hard fail") end,
      wrong = "MAIL FROM:<service@bank.example>\nRCPT TO:<spf-hard-fail@gmail.com>",
      play = "DATA\nFrom: service@bank.example\n\nhello\n.",
      well = "550 5.7.26, after the dot: SPF compares the domain of the envelope with the IP address of the client.",
    },
    {
      goal = "DMARC: the domain in the From publishes what to do with a message that neither SPF nor DKIM confirms. Send a message to dmarc-reject@gmail.com.",
      hints = {"Do it as before, with RCPT TO:<dmarc-reject@gmail.com>."},
      done = function(at) return refused(at, "dmarc-reject@gmail.com", "dmarc policy") end,
      wrong = "NOOP", play = "MAIL FROM:<service@bank.example>\nRCPT TO:<dmarc-reject@gmail.com>\nDATA\nFrom: service@bank.example\n\nhello\n.",
      well = "The server rejected the message because the policy of the From domain asks for it.",
    },
    {
      goal = "A question: one of the three is a signature in the header. It remains valid when another machine forwards the message. Is it SPF, DKIM or DMARC?",
      hints = {"Which of them uses keys?", ":answer DKIM"},
      answer = "DKIM", wrong = ":answer SPF", play = ":answer DKIM",
      well = "DKIM signs the message with a private key. The public key is in the DNS of the domain.",
    },
  },
  meaning = [[
    You have sent a message with a false sender and seen how receivers detect it. SPF checks the domain of the
    envelope; it usually fails when mail is forwarded. DKIM checks a signature of the message; it fails when the
    signed parts are changed.

    DMARC (RFC 9989) requires that SPF or DKIM passes for a domain that matches the From that the reader sees. By
    default the match is relaxed: mail.bank.example matches bank.example. The domain also publishes what receivers
    should do with a message that fails.

    Since 2024 Gmail and other providers require SPF or DKIM from every sender, and all three from large senders. So
    configure them, and a PTR record, before you run a new mail server.]],
}
