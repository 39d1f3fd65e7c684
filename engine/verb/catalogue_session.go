package verb

// sessionVerbs open, protect, control and close the session.
var sessionVerbs = []Verb{
	{
		Name:    "EHLO",
		Syntax:  "EHLO domain | EHLO [address-literal]",
		Phases:  Any,
		OK:      []int{250},
		Fail:    []int{421, 500, 501, 502, 504, 550},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.1",
		Summary: "introduce the client and ask for the extensions of the server",
		Explain: "EHLO begins the session: the client gives its host name and asks which extensions the server offers. " +
			"The server answers with its name on the first line and one extension keyword on each further line. " +
			"Later in a session EHLO also ends an open transaction, as RSET does.",
		Try: "Give the client's name, not the server's. Without a name use the IP address in brackets: [192.0.2.1] or " +
			"[IPv6:2001:db8::1]. Send EHLO again after STARTTLS, because the old list is no longer valid.",
		Example: "EHLO client.example.com",
	},
	{
		Name:    "HELO",
		Syntax:  "HELO domain",
		Phases:  Any,
		OK:      []int{250},
		Fail:    []int{421, 501, 502, 504, 550},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.1",
		Summary: "introduce the client without extensions (the old form)",
		Explain: "HELO is older than the extensions. The reply is one line and lists nothing, so after HELO there is no " +
			"STARTTLS, no AUTH and no parameter in MAIL or RCPT.",
		Try:     "Use it only if a server rejects EHLO. After it send no parameters such as SIZE; the reply can be 501 or 555.",
		Example: "HELO client.example.com",
	},
	{
		Name:    "LHLO",
		Syntax:  "LHLO domain",
		Phases:  Any,
		OK:      []int{250},
		Fail:    []int{421, 500, 501},
		Group:   "last",
		RFC:     "RFC 2033 section 4.1",
		Summary: "the EHLO of LMTP, for the last step into the mail store",
		Explain: "LMTP is a variant of SMTP that passes mail to the program that stores it in mailboxes. It begins with LHLO, and " +
			"after the message it sends one reply for each accepted recipient instead of one for all.",
		Try:     "An LMTP server answers EHLO and HELO with 500. LMTP does not run on port 25; look for port 24 or a Unix socket.",
		Example: "LHLO mx.example.com",
	},
	{
		Name:      "STARTTLS",
		Syntax:    "STARTTLS",
		Phases:    Ready,
		Extension: "STARTTLS",
		OK:        []int{220},
		Fail:      []int{454, 501, 503},
		Group:     "last",
		RFC:       "RFC 3207 section 4",
		Summary:   "switch the connection to TLS",
		Explain: "After the 220 both sides do a TLS handshake on the same connection and continue encrypted. The server forgets " +
			"everything before: the client sends EHLO again and gets a new list, often with AUTH and always without STARTTLS.",
		Try: "Send it before MAIL: TLS also ends an open transaction. Wait for the 220 and send nothing before the handshake. " +
			"Port 465 has implicit TLS and no STARTTLS. Bytes that arrive after the STARTTLS line or its reply and before the handshake " +
			"can be an attack: discard them.",
		Example: "STARTTLS",
	},
	{
		Name:      "AUTH",
		Syntax:    "AUTH mechanism [SP initial-response]",
		Phases:    Ready,
		Extension: "AUTH",
		OK:        []int{235, 334},
		Fail:      []int{432, 454, 500, 501, 503, 504, 530, 534, 535, 538},
		Group:     "last",
		RFC:       "RFC 4954 section 4",
		Summary:   "log in with a SASL mechanism",
		Explain: "AUTH names a mechanism from the AUTH line of the EHLO reply. The two sides then exchange base64 lines: the server's " +
			"begin with 334, the client's have nothing else on the line. 235 ends the exchange with success; a single * from the client cancels it.",
		Try: "Base64 is not encryption: send PLAIN and LOGIN only inside TLS. An empty initial response is written as =. A second " +
			"AUTH after a success gives 503, and so does AUTH inside a transaction.",
		Example: "AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHMzY3JldA==",
	},
	{
		Name:    "NOOP",
		Syntax:  "NOOP [SP text]",
		Phases:  Any,
		OK:      []int{250},
		Fail:    []int{421},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.9",
		Summary: "do nothing; the server answers",
		Explain: "NOOP changes nothing. It shows that the connection and the server still work, and in a pipelined session it serves as a " +
			"point where both sides are in step. A text after it is ignored.",
		Try:     "It does not end a transaction; RSET does. Some servers count NOOP and close the connection after too many.",
		Example: "NOOP",
	},
	{
		Name:    "HELP",
		Syntax:  "HELP [SP topic]",
		Phases:  Any,
		OK:      []int{211, 214},
		Fail:    []int{502, 504},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.8",
		Summary: "ask the server for help text",
		Explain: "HELP returns text for people, sometimes with the name of the software and a list of commands. It leaves an open " +
			"transaction as it is.",
		Try:     "Do not conclude from the text what the server supports; only the EHLO reply is reliable.",
		Example: "HELP RCPT",
	},
	{
		Name:    "VRFY",
		Syntax:  "VRFY SP user-or-address [SP SMTPUTF8]",
		Phases:  Any,
		OK:      []int{250, 251, 252},
		Fail:    []int{502, 504, 550, 551, 553},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.6; RFC 6531 section 3.7.4.2",
		Summary: "ask whether a user exists",
		Explain: "VRFY asks about one user or address without sending mail. A 250 confirms it with the full address. Most servers answer " +
			"252, which says neither yes nor no, because address collectors misuse the command.",
		Try:     "Write the bare name or address, without FROM: or TO: before it. After a 252 only an attempt with RCPT tells more.",
		Example: "VRFY bob@example.org",
	},
	{
		Name:    "EXPN",
		Syntax:  "EXPN SP list [SP SMTPUTF8]",
		Phases:  Any,
		OK:      []int{250, 252},
		Fail:    []int{500, 502, 504, 550},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.7; RFC 6531 section 3.7.4.2",
		Summary: "ask for the members of a mailing list",
		Explain: "EXPN asks the server to list the members behind an address. A server that allows it answers with one line per " +
			"member. Nearly all servers reject it, to protect the members.",
		Try:     "Expect 502 or 550. The keyword EXPN in the EHLO reply is a promise to support the command, not to answer everybody.",
		Example: "EXPN staff@example.org",
	},
	{
		Name:    "QUIT",
		Syntax:  "QUIT",
		Phases:  Any,
		OK:      []int{221},
		Fail:    []int{501},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.10",
		Summary: "end the session",
		Explain: "QUIT ends the session. The server answers 221 and closes the connection; an open transaction is discarded. A " +
			"message that already got its 250 is safe.",
		Try:     "Wait for the reply to the final dot before QUIT, and for the 221 before you close. QUIT within DATA is a line of the message.",
		Example: "QUIT",
	},
}
