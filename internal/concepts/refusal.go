package concepts

func refusals() []Concept {
	return []Concept{
		{
			Name: "rejection", Also: []string{"reject", "refusal", "negative reply"}, Group: Refusal,
			Definition: "a 4xx or 5xx reply: the server has not accepted the command or message; 4xx is temporary, 5xx permanent",
			Example:    "550 5.1.1 The email account that you tried to reach does not exist.",
			Wrong:      "A list keeps sending to addresses that were rejected, and its reputation falls.",
			Here:       ":explain 550", Shows: "550  ",
			Source: "RFC 5321 section 4.2.1",
		},
		{
			Name: "temporary rejection", Also: []string{"temporary failure", "deferral", "tempfail", "transient failure", "soft bounce"},
			Group:      Refusal,
			Definition: "a 4xx reply: the server has not accepted the command or message now, and may accept it later",
			Example:    "451 4.3.0 Temporary problem.",
			Wrong:      "A script without a queue treats it as a permanent failure and loses the message.",
			Here:       ":explain 451", Shows: "451  ",
			Source: "RFC 5321 section 4.2.1",
		},
		{
			Name: "greylisting", Also: []string{"graylisting", "grey list"}, Group: Refusal,
			Definition: "rejecting a first try with 4xx on purpose, because programs that send spam often do not try again",
			Text:       "The server remembers the client's IP address, the sender and the recipient, and accepts an attempt after some minutes.",
			Example:    "450 4.7.1 Greylisted, try again later",
			Wrong:      "The next try comes from another address of the same provider, and is delayed again.",
			Here: ":open sandbox:plain\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT " +
				"TO:<greylisted@sandbox.test>", Shows: "450 4.7.1",
			Source: "RFC 6647",
		},
		{
			Name: "block list", Also: []string{"blocklist", "blacklist", "DNSBL", "RBL", "denylist", "black list"}, Group: Refusal,
			Definition: "a list of IP addresses or domains that have sent spam, which servers query by DNS",
			Example:    "192.0.2.1 is looked up as 1.2.0.192.zen.spamhaus.org.",
			Wrong: "An address is listed because of an earlier owner or a neighbour. The reply usually names the list and its " +
				"removal page.",
			Here: ":explain 554", Shows: "554  ",
			Source: "RFC 5782",
		},
		{
			Name: "reputation", Also: []string{"sender reputation", "IP reputation", "domain reputation", "warm-up"}, Group: Refusal,
			Definition: "what a provider thinks of a sending address or domain, from complaints, bounces and earlier mail",
			Text:       "A new address has none. Senders begin with little mail and increase it over weeks.",
			Example:    "550 5.7.1 ... likely unsolicited mail ... very low reputation of the sending domain",
			Wrong:      "Much mail at once from a new address: 421 4.7.28, later 550.",
			Here: ":open sandbox:gmail/mx\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<rate-limited@gmail.com>\n" +
				"DATA\nhello\n.", Shows: "4.7.28",
			Source: "no standard",
		},
		{
			Name: "rate limit", Also: []string{"rate limiting", "throttling", "sending limit"}, Group: Refusal,
			Definition: "how much a server accepts from one client or user in a given time",
			Example:    "A Gmail account may send to 500 recipients a day; then 550 5.4.5.",
			Wrong:      "A client opens more connections after 421, and is blocked.",
			Here: ":open sandbox:gmail/mx\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT " +
				"TO:<receiving-too-fast@gmail.com>", Shows: "450 4.2.1",
			Source: "no standard",
		},
		{
			Name: "tarpit", Also: []string{"tarpitting", "teergrube", "greet delay"}, Group: Refusal,
			Definition: "a server that replies slowly on purpose, so that sending spam takes long",
			Example:    "The greeting comes after 20 seconds. Clients that speak before it are rejected.",
			Wrong:      "A client's time limit is shorter than the RFC's, and it gives up on good servers.",
			Here:       ":explain limits", Shows: "5 minutes",
			Source: "no standard",
		},
		{
			Name: "spam", Also: []string{"junk mail", "unsolicited mail", "UBE"}, Group: Refusal,
			Definition: "mail that many people get and nobody has asked for",
			Example:    "550 5.7.1 our system has detected that this message is likely unsolicited mail",
			Wrong:      "A server accepts it and discards it silently. A sender whose mail was good then never learns of it.",
			Here: ":open sandbox:plain\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<spam@sandbox.test>\nDATA\n" +
				"hello\n.", Shows: "550 5.7.1",
			Source: "RFC 2505 section 1",
		},
		{
			Name: "spam trap", Also: []string{"spamtrap", "honeypot address"}, Group: Refusal,
			Definition: "an address that nobody uses, so that all mail to it is spam",
			Example:    "An address that is hidden in a web page, or one that has been unused for years.",
			Wrong:      "A sender with a bought or old list hits one and is put on block lists.",
			Here:       ":explain block list", Shows: "RFC 5782",
			Source: "no standard",
		},
		{
			Name: "phishing", Also: []string{"spoofing", "forged sender", "forgery"}, Group: Refusal,
			Definition: "mail that imitates somebody else to get passwords or money",
			Text:       "SMTP itself checks no sender: MAIL FROM and From can name anybody. SPF, DKIM and DMARC were added to detect this.",
			Example:    "From: Your Bank <security@bank.example>, from a server that the bank does not know.",
			Wrong:      "The domain has no DMARC policy, so receivers cannot reject forged mail.",
			Here:       ":explain DMARC", Shows: "p=reject",
			Source: "RFC 5321 section 7.1",
		},
		{
			Name: "feedback loop", Also: []string{"FBL", "complaint", "ARF"}, Group: Refusal,
			Definition: "a service in which a provider reports to the sender which messages its users marked as spam",
			Example:    "A report in the format ARF for each complaint.",
			Wrong:      "The sender does not remove those addresses, and complaints rise over 0.3 %.",
			Here:       ":explain bulk sender", Shows: "0.3",
			Source: "RFC 5965; RFC 6449",
		},
	}
}
