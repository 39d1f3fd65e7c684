package concepts

func protocol() []Concept {
	return []Concept{
		{
			Name: "session", Also: []string{"SMTP session"}, Group: Protocol,
			Definition: "the exchange over one connection, from the greeting to QUIT",
			Text:       "A session can hold any number of transactions, one after the other.",
			Example:    "220, EHLO, MAIL, RCPT, DATA, the message, QUIT.",
			Wrong:      "A client closes the connection without QUIT. The server may then discard a message that it has not confirmed.",
			Here:       ":open sandbox:plain\nEHLO me.example\nQUIT", Shows: "221",
			Source: "RFC 5321 section 3",
		},
		{
			Name: "RFC 5321", Also: []string{"SMTP standard", "rfc5321bis", "5321", "RFC 821", "RFC 2821"}, Group: Protocol,
			Definition: "the standard of SMTP, of 2008",
			Text: "Its successor, draft-ietf-emailcore-rfc5321bis, was approved in 2025 and waits for publication. " +
				"It keeps the protocol, clarifies it, and includes the codes 521 and 556 and the null MX.",
			Example: "RFC 5321 section 4.5.3.2 has the time limits of clients.",
			Wrong:   "A tool follows RFC 821 of 1982 and knows neither EHLO nor extensions.",
			Here:    ":explain limits", Shows: "RFC 5321",
			Source: "RFC 5321; Internet-Draft draft-ietf-emailcore-rfc5321bis-44",
		},
		{
			Name: "greeting", Also: []string{"banner", "220 greeting"}, Group: Protocol,
			Definition: "the first reply of a session, which the server sends before any command",
			Text: "220 means that the server is ready. 554 means that it accepts no mail, and 421 that the client should " +
				"come back later.",
			Example: "220 mx.google.com ESMTP ... - gsmtp",
			Wrong: "A client sends EHLO before the greeting has arrived. Servers treat that as a sign of spam and may reject " +
				"it with 554.",
			Here: ":open sandbox:plain", Shows: "220 ",
			Source: "RFC 5321 section 3.1; RFC 5321 section 4.3.1", Avoid: []string{"banner"},
		},
		{
			Name: "command", Group: Protocol,
			Definition: "a line that the client sends: a verb, perhaps arguments, and CRLF",
			Text:       "Verbs may be written in upper or lower case. Each command gets one reply.",
			Example:    "RCPT TO:<ann@example.org>",
			Wrong:      "The angle brackets are missing, or there is a space after the colon. Strict servers reply 501.",
			Here:       ":open sandbox:plain\nEHLO me.example\nMAIL FROM: a@example.org", Shows: "501",
			Source: "RFC 5321 section 2.4; RFC 5321 section 4.1.1",
		},
		{
			Name: "reply", Also: []string{"response", "status"}, Group: Protocol,
			Definition: "what the server sends after each command: a code of three digits and text",
			Text:       "Programs act on the code. The text is for people and may be changed at any time.",
			Example:    "250 2.1.0 sender ok",
			Wrong:      "A program searches the text for words such as \"ok\". It breaks when the server's text changes.",
			Here:       ":open sandbox:plain\nNOOP\n:why", Shows: "250",
			Source: "RFC 5321 section 4.2",
		},
		{
			Name: "multiline reply", Also: []string{"continuation line"}, Group: Protocol,
			Definition: "a reply of several lines, which have a hyphen after the code in all lines but the last",
			Example:    "250-PIPELINING, 250-SIZE 35882577, then 250 HELP.",
			Wrong: "A client reads one line only. It treats the second line as the reply to its next command, and is one " +
				"reply late from then on.",
			Here: ":open sandbox:plain\nEHLO me.example", Shows: "250-PIPELINING",
			Source: "RFC 5321 section 4.2.1",
		},
		{
			Name: "reply code", Also: []string{"status code", "code"}, Group: Protocol,
			Definition: "the three digits at the beginning of a reply",
			Text: "The first digit decides: 2 is success, 3 asks for more, 4 is a failure that may pass, 5 is a failure that stays. " +
				"The second digit says what the reply is about: 0 syntax, 2 the connection, 5 the mail system.",
			Example: "450 is temporary, 550 is permanent. Both are about mailboxes.",
			Wrong:   "A client repeats a command that got 550, or gives up after 450.",
			Here:    ":explain 450\n:explain 550", Shows: "550  ",
			Source: "RFC 5321 section 4.2.1",
		},
		{
			Name: "enhanced status code", Also: []string{"enhanced code", "extended status code"}, Group: Protocol,
			Definition: "three numbers after the reply code that name the reason more exactly",
			Text:       "The numbers are class, subject and detail. The class repeats the first digit of the reply code.",
			Example:    "550 5.1.1: the mailbox does not exist. 550 5.7.26: the sender's authentication failed.",
			Wrong:      "A server sends 550 4.7.1. The two classes disagree, and clients cannot know whether to try again.",
			Here:       ":explain 5.1.1", Shows: "5.1.1",
			Source: "RFC 3463 section 2; RFC 2034",
		},
		{
			Name: "transaction", Also: []string{"mail transaction"}, Group: Protocol,
			Definition: "one message within a session: MAIL, at least one RCPT, then DATA or BDAT",
			Text:       "RSET, EHLO and STARTTLS end a transaction: the server forgets its envelope. Send STARTTLS before MAIL.",
			Example:    "MAIL FROM:<a@example.org>, RCPT TO:<b@example.net>, DATA, the message, a dot.",
			Wrong:      "A second MAIL in an open transaction: 503.",
			Here:       ":open sandbox:plain\nEHLO me.example\nMAIL FROM:<a@example.org>\nMAIL FROM:<b@example.org>\nRSET", Shows: "503",
			Source: "RFC 5321 section 3.3",
		},
		{
			Name: "extension", Also: []string{"service extension", "ESMTP", "EHLO keyword", "capability"}, Group: Protocol,
			Definition: "an addition to SMTP that a server offers with a keyword in its EHLO reply",
			Text: "A client may use only what this server has offered in this state. After STARTTLS it asks again, because " +
				"the list changes.",
			Example: "250-SIZE 35882577 offers the extension SIZE.",
			Wrong:   "A client uses a parameter that was not offered, and gets 555.",
			Here:    ":open sandbox:plain\nEHLO me.example\n:caps", Shows: "PIPELINING",
			Source: "RFC 5321 section 2.2",
		},
		{
			Name: "pipelining", Group: Protocol,
			Definition: "sending several commands without waiting for each reply",
			Text: "The server must offer PIPELINING. EHLO, DATA, STARTTLS, AUTH, NOOP, QUIT, VRFY and EXPN may only be the " +
				"last command of a group.",
			Example: "MAIL, RCPT, RCPT and DATA in one packet. The replies come in the same order.",
			Wrong:   "The client does not count the replies and treats the reply to RCPT as the reply to DATA.",
			Here:    ":open sandbox:plain\nEHLO me.example\n:explain PIPELINING", Shows: "RFC 2920",
			Source: "RFC 2920 section 3.1",
		},
		{
			Name: "unsolicited reply", Also: []string{"unexpected reply", "out of step"}, Group: Protocol,
			Definition: "a reply that the server sends although no command waits for one",
			Example:    "421 while the client is idle: the server is about to close the connection.",
			Wrong:      "A client reads it as the reply to its next command. All later replies are then one command late.",
			Here:       ":open sandbox:plain\n:explain 421", Shows: "421  ",
			Source: "RFC 5321 section 3.8",
		},
		{
			Name: "LMTP", Long: "Local Mail Transfer Protocol", Also: []string{"Local Mail Transfer Protocol"}, Group: Protocol,
			Definition: "SMTP for the last step into a mailbox store, with one reply for each recipient after the message",
			Text: "The client says LHLO instead of EHLO. An LMTP server keeps no queue, so it must report each recipient's " +
				"result at once.",
			Example: "Postfix hands mail to Dovecot by LMTP over a unix socket.",
			Wrong:   "A client reads one reply after the message. With three recipients there are three.",
			Here:    ":open sandbox:lmtp\nLHLO me.example", Shows: "250-",
			Source: "RFC 2033",
		},
		{
			Name: "CRLF", Long: "carriage return and line feed", Also: []string{"line ending", "line end", "CR LF", "bare " +
				"LF", "bare CR"}, Group: Protocol,
			Definition: "the two bytes 13 and 10 that end every line in SMTP",
			Text:       "A CR or LF alone is not a line ending, and must not be sent.",
			Example:    "NOOP followed by the bytes 0D 0A.",
			Wrong:      "Programs on Unix write LF alone. Servers reject that (550 or 554) or guess. Guessing makes smuggling possible.",
			Here:       ":open sandbox:plain\n:raw NOOP\\r\\n", Shows: "250",
			Source: "RFC 5321 section 2.3.8",
		},
		{
			Name: "dot-stuffing", Also: []string{"transparency", "dot stuffing", "lone dot"}, Group: Protocol,
			Definition: "the client adds a dot to each message line that begins with a dot, and the server removes it",
			Text:       "A line with a single dot ends the message in DATA. Stuffing keeps such a line inside the message from ending it.",
			Example:    "The line \".profile\" is sent as \"..profile\".",
			Wrong:      "The client forgets it: the message ends early, and the rest of its lines are read as commands.",
			Here: ":open sandbox:plain\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<ann@sandbox.test>\nDATA\n" +
				".profile\n.", Shows: "C: ..profile",
			Source: "RFC 5321 section 4.5.2",
		},
	}
}
