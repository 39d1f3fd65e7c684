package verb

// mailVerbs make up a mail transaction (RFC 5321 section 3.3).
var mailVerbs = []Verb{
	{
		Name:    "MAIL",
		Syntax:  "MAIL FROM:<reverse-path> [SP parameters]",
		Phases:  Ready,
		OK:      []int{250},
		Fail:    []int{421, 451, 452, 455, 501, 503, 530, 550, 552, 553, 555},
		Group:   "anywhere",
		RFC:     "RFC 5321 section 4.1.1.2",
		Summary: "begin a transaction and give the sender",
		Explain: "MAIL opens a transaction. The address is the envelope sender: bounces go there, and SPF looks at its domain. It need not " +
			"equal the From field that the reader sees. The empty address <> marks a bounce, so that no bounce is ever bounced.",
		Try: "No space around the colon, and angle brackets on both sides. A second MAIL in an open " +
			"transaction gets 503: send RSET first, or finish the message. 530 means that the server " +
			"requires STARTTLS or a login before it accepts mail.",
		Example: "MAIL FROM:<ann@example.com> SIZE=2048",
	},
	{
		Name:    "RCPT",
		Syntax:  "RCPT TO:<forward-path> [SP parameters]",
		Phases:  Mail | Rcpt,
		OK:      []int{250, 251},
		Fail:    []int{421, 450, 451, 452, 455, 501, 503, 550, 551, 552, 553, 555, 556},
		Group:   "anywhere",
		RFC:     "RFC 5321 section 4.1.1.3",
		Summary: "add a recipient",
		Explain: "Each RCPT adds one envelope recipient and gets its own reply. The server may reject one and accept the next; " +
			"the message goes to the accepted ones. Only these addresses decide where the mail goes, not the To and Cc fields.",
		Try: "One address per command. 550 with relaying denied means that you are not logged in, or that this server is not " +
			"responsible for the domain. 450 or 451 at a first contact is often greylisting: retry later.",
		Example: "RCPT TO:<bob@example.org>",
	},
	{
		Name:    "DATA",
		Syntax:  "DATA",
		Phases:  Rcpt,
		OK:      []int{250, 354},
		Fail:    []int{421, 450, 451, 452, 501, 503, 550, 552, 554},
		Group:   "last",
		RFC:     "RFC 5321 section 4.1.1.4",
		Summary: "send the message, ended by a line with a single dot",
		Explain: "DATA announces the message and gets two replies. The first, 354, asks for the message: header, empty line, body, " +
			"and at the end a line with a single dot. The second comes after the dot. Only its 250 means that the server has accepted the message.",
		Try: "Put one more dot before every line that begins with a dot. End lines with CR LF. Without an accepted RCPT the reply is " +
			"503 or 554; do not send text unless you saw 354.",
		Example: "DATA",
	},
	{
		Name:      "BDAT",
		Syntax:    "BDAT SP octets [SP LAST]",
		Phases:    Rcpt | Chunks,
		Extension: "CHUNKING",
		OK:        []int{250},
		Fail:      []int{421, 451, 452, 501, 503, 550, 552, 554},
		Group:     "anywhere",
		RFC:       "RFC 3030 section 2",
		Summary:   "send the message in counted chunks",
		Explain: "BDAT replaces DATA. The line gives a number, exactly that many bytes follow at once, and the server answers each " +
			"chunk. LAST marks the final one. The server does not search for a dot, so the text needs no extra dots.",
		Try: "Count bytes, with CR LF as two. Do not wait for a 354 and send no final dot. After an error send RSET, and never mix " +
			"BDAT with DATA in one transaction. BDAT 0 LAST is a valid end.",
		Example: "BDAT 2048 LAST",
	},
	{
		Name:    "RSET",
		Syntax:  "RSET",
		Phases:  Any,
		OK:      []int{250},
		Fail:    []int{421, 501},
		Group:   "anywhere",
		RFC:     "RFC 5321 section 4.1.1.5",
		Summary: "end the open transaction",
		Explain: "RSET deletes the sender, the recipients and the chunks received so far. The session stays open, and the login, " +
			"TLS and the EHLO name " +
			"stay valid. Use it to return to a clean state after an error.",
		Try:     "Send MAIL next; no new EHLO or AUTH is needed. RSET cannot undo a message that already got its 250.",
		Example: "RSET",
	},
}
