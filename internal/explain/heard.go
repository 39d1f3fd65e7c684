package explain

// heardRules are texts that many servers use in rejections. They apply if the enhanced code
// is missing or not specific; other listed codes are those that the text makes clearer.
// Postfix, Exim and sendmail are the models.
var heardRules = []rule{
	{class: 4, codes: "- 0.0 2.0 3.0 5.0 7.0 7.1 1.7", marks: []string{"greylist*", "graylist*", "grey listed", "greylisted", "postgrey*"},
		means: "Greylisting: the server rejects the first attempt of an unknown client and accepts a later one. Programs that send spam " +
			"rarely try again.",
		try: "Repeat the attempt after some minutes from the same IP address. A mail server does so automatically."},
	{
		codes: "- 0.0 1.0 3.0 5.0 7.0 7.1 7.64",
		marks: []string{
			"relay access denied", "relaying denied", "relay not permitted",
			"unable to relay", "relay denied", "not permitted to relay",
			"relaying not allowed",
		},
		means: "The recipient's domain does not belong to this server, and the server does not relay mail for clients that have not logged in.",
		try:   "Log in at the submission port of your own server, or connect to the MX of the recipient's domain.",
	},
	{
		class: 5, verbs: "MAIL .", codes: "- 0.0 1.0 1.8",
		marks: []string{
			"domain does not exist", "domain not found", "no such domain",
			"sender verify failed", "domain of sender address", "unresolvable",
		},
		means: "The server finds no mail host for the domain of the sender's address, so it could not return a bounce.",
		try:   "Use a sender domain with working MX or address records.",
	},
	{class: 5, verbs: "MAIL .", codes: "-", marks: []string{"does not exist"},
		means: "The server rejects the sender's address: its domain or its mailbox does not exist.",
		try:   "Use a sender address that can receive mail."},
	{
		class: 5, verbs: "RCPT", codes: "- 0.0 1.0 5.0",
		marks: []string{"unrouteable address", "domain does not exist", "domain not found", "no such domain"},
		means: "The server cannot route mail to the recipient: the domain or the mailbox does not exist.",
		try:   "Compare the address letter by letter, the domain first.",
	},
	{
		class: 5, verbs: "RCPT . VRFY EXPN", codes: "- 0.0 1.0 2.0 3.0 5.0",
		marks: []string{
			"user unknown", "no such user", "unknown user", "no such mailbox",
			"user does not exist", "mailbox does not exist", "account does not exist",
			"user not found", "no such recipient", "mailbox not found",
		},
		means: "This mailbox does not exist.",
		try:   "Compare the address letter by letter.",
	},
	{
		class: 5, verbs: "RCPT . VRFY EXPN", codes: "- 0.0 1.0 2.0 3.0 5.0",
		marks: []string{"does not exist"},
		means: "The address does not exist: the mailbox or its domain is unknown.",
		try:   "Compare the address letter by letter, the domain first.",
	},
	{codes: "- 0.0 2.0 3.0 5.0", marks: []string{"over quota", "quota exceeded", "mailbox full", "mailbox is full"},
		means: "The mailbox is full.", try: "Tell the owner in another way. With class 4 a later attempt can succeed."},
	{many: true,
		means: "The server rejects the message because checks of the sender failed (SPF, DKIM, DMARC). The text names them or their results.",
		try:   "Correct the checks that failed: the SPF record, the DKIM signature for the From domain, or the alignment that DMARC requires."},
	{
		codes: "- 0.0 1.0 3.0 7.0 7.1",
		marks: []string{
			"spamhaus", "spamcop", "barracudacentral", "blocked using", "blacklist",
			"blacklisted", "black list", "blocklist", "block list", "blocklisted",
			"listed at", "listed by", "dnsbl", "rbl",
		},
		means: "Your IP address, or a domain in the message, is on a block list that the server uses.",
		try:   "Look it up on the page of the list that the text names. The page gives the reason and the way to be removed.",
	},
	{
		class: 5, codes: "- 0.0 1.0 7.0 7.1 7.23", marks: []string{"spf"},
		absent: true,
		means:  "The SPF record of the reverse-path's domain does not allow this machine to send.",
		try:    "Send through the domain's own server, or add this machine to the SPF record.",
	},
	{
		class: 4, codes: "- 0.0 3.0 4.3 7.0 7.1", marks: []string{"spf"}, absent: true,
		means: "The SPF check of the reverse-path's domain did not pass this time.",
		try:   "Try again later. If the problem lasts, test the SPF record of the domain.",
	},
	{
		class: 5, codes: "- 0.0 7.0 7.1 7.26", marks: []string{"dmarc"}, absent: true,
		means: "The DMARC record of the domain in the From field asks servers to reject mail that neither SPF nor DKIM confirms for the domain.",
		try:   "Send through a server that the domain authorizes.",
	},
	{
		class: 4, codes: "- 0.0 7.0 7.1", marks: []string{"dmarc"}, absent: true,
		means: "The DMARC check of the From domain did not pass this time.",
		try:   "Try again later. If the problem lasts, check the SPF, DKIM and DMARC records of the domain.",
	},
	{
		codes:  "- 0.0 7.0 7.1",
		marks:  []string{"reverse dns", "reverse hostname", "ptr record", "cannot find your hostname", "cannot find your reverse hostname"},
		absent: true,
		means:  "The server requires a PTR record for your IP address, with a name that resolves to this address.",
		try:    "Ask the owner of the network to publish one.",
	},
	{
		codes: "- 0.0 3.2 4.5 5.0 7.0 7.1",
		marks: []string{
			"too many connections", "too many concurrent", "rate limit", "rate limited",
			"throttl*", "too fast", "too quickly", "excessive volume", "too much mail",
			"try again later, closing", "too many messages",
		},
		means: "The server currently accepts no more mail or connections from you.",
		try:   "Wait, and send more slowly.",
	},
	{
		codes: "- 5.1 7.0",
		marks: []string{"too many errors", "too many unknown commands", "too many bad commands", "too many syntax or protocol errors"},
		means: "The server rejected too many commands in this session.",
		try:   "Open a new session and correct the commands that were rejected.",
	},
	{class: 5, codes: "- 5.1", marks: []string{"transaction is open", "nested mail", "sender already", "mail transaction in progress"},
		means: "A transaction is already open. Only one is possible at a time.", try: "End it with RSET, or send its message."},
	{
		class: 5, codes: "- 0.0 5.0 5.2 5.4 7.0 7.1",
		marks: []string{
			"helo command rejected", "invalid helo", "bad helo", "helo/ehlo argument",
			"helo argument*", "ehlo argument*", "helo name", "ehlo name",
		},
		absent: true,
		means:  "The server rejects the name in EHLO.",
		try:    "Send EHLO with a full host name that exists in DNS, or with your IP address in brackets.",
	},
	{
		class: 4, codes: "- 7.1", marks: []string{"helo command rejected"},
		means: "The server did not find the name in EHLO in DNS.",
		try:   "Send EHLO with a full host name that exists in DNS, or with your IP address in brackets.",
	},
	{
		class: 5, codes: "- 7.0 7.1 7.10 7.11",
		marks: []string{
			"starttls first", "must issue a starttls", "starttls command first",
			"encryption required", "tls required", "encryption is required",
			"requires tls",
		},
		means: needsTLS,
	},
	{
		class: 5, verbs: "MAIL RCPT DATA AUTH", codes: "- 0.0 5.0 5.1 7.0 7.1",
		marks: []string{
			"authentication required", "authentication is required", "auth required",
			"log in first", "must authenticate", "not authenticated", "authenticate first",
			"authentication needed",
		},
		means: needsLogin,
	},
	{
		class: 5, codes: "- 1.0 7.1",
		marks: []string{"not owned by user", "not logged in"},
		means: "The sender address does not belong to the account that logged in, or there was no login.",
		try:   "Use the address of the account in MAIL, or log in.",
	},
	{
		class: 5, codes: "- 5.0",
		marks: []string{"synchronization error", "improper use of smtp command pipelining", "improper command pipelining"},
		means: "The client sent commands too early: before the greeting, or several at once although the server does not offer PIPELINING.",
		try:   "Wait for each reply.",
	},
	{class: 5, verbs: ". DATA", codes: "- 0.0 6.0 7.0 7.1", marks: []string{"spam", "junk mail", "unsolicited"},
		means: "A content filter classifies the message as spam.", try: "Check the content, the links, and the reputation of the " +
			"sending IP address."},
	{
		class: 5, verbs: ". DATA", codes: "- 0.0 6.0 7.0 7.1",
		marks: []string{"virus", "malware", "infected"},
		means: "A scanner found malware in the message.",
		try:   "Check the attachments. If they are harmless, send them in another way.",
	},
}

// The two rejections whose advice depends on the steps of the session.
const (
	needsTLS   = "The server requires TLS before this command."
	needsLogin = "The server requires a login before this command."
)

// checks are words of which two show that a text is about the checks of the sender: it can
// name one that passed and one that failed.
var checks = []string{"spf", "dkim", "dmarc"}

func manyChecks(text string) bool {
	text = withoutAddresses(text)
	open := withoutPassed(text)
	named, left := 0, 0
	for _, c := range checks {
		if hasWords(text, c) {
			named++
		}
		if hasWords(open, c) {
			left++
		}
	}
	return named > 1 && left > 0
}
