package reply

// enhancedProtocol holds subject 5 (the SMTP commands themselves).
var enhancedProtocol = []EnhancedStatus{
	{
		Code:    "X.5.0",
		Name:    "Other or undefined protocol status",
		Basic:   "220, 250, 251, 252, 253, 451, 452, 454, 458, 459, 501, 502, 503, 554",
		Meaning: "The result is about the exchange of commands; the code does not say what about it.",
		Cause:   "An event in the session without a more exact code.",
		Try:     "Look at the last few commands of the session.",
		RFC:     "RFC 3463 section 3.6",
	},
	{
		Code:    "X.5.1",
		Name:    "Invalid command",
		Basic:   "430, 500, 501, 503, 530, 550, 554, 555",
		Meaning: "The command is out of sequence, or the server does not support it.",
		Cause:   "A wrong order, such as RCPT before MAIL, or a command that is not implemented. Unrecognized commands are X.5.2.",
		Try:     "Check the order EHLO, MAIL, RCPT, DATA.",
		RFC:     "RFC 3463 section 3.6",
	},
	{
		Code:    "X.5.2",
		Name:    "Syntax error",
		Basic:   "500, 501, 502, 550, 555",
		Meaning: "The server cannot interpret the line: its syntax is wrong, or the command is not recognized.",
		Cause:   "A typing error in the command, missing brackets, extra spaces, a line that is too long, or invalid Base64.",
		Try:     "Compare the bytes that were sent with the syntax of the command.",
		RFC:     "RFC 3463 section 3.6",
	},
	{
		Code:    "X.5.3",
		Name:    "Too many recipients",
		Basic:   "451, 452",
		Meaning: "The transaction has more recipients than the server allows.",
		Cause: "A long list of RCPT commands for one message. A server must accept at least 100 (RFC 5321 section 4.5.3.1.8); policies " +
			"often allow fewer.",
		Try: "Send to those accepted, then start a new transaction for the rest.",
		RFC: "RFC 3463 section 3.6",
	},
	{
		Code:    "X.5.4",
		Name:    "Invalid command arguments",
		Basic:   "451, 501, 502, 503, 504, 550, 555",
		Meaning: "The command is known, but one of its arguments is wrong or not supported.",
		Cause:   "An unknown AUTH mechanism or MAIL parameter, a number out of range, or a bad host name in EHLO.",
		Try:     "Use only what the EHLO reply lists and check the values.",
		RFC:     "RFC 3463 section 3.6",
	},
	{
		Code:    "X.5.5",
		Name:    "Wrong protocol version",
		Meaning: "The client and the server use incompatible versions of a protocol.",
		Cause:   "Rare with SMTP, which has no version numbers; gateways to other mail systems send it.",
		Try:     "Read the text to learn which version the other side expects.",
		RFC:     "RFC 3463 section 3.6",
	},
	{
		Code:    "X.5.6",
		Name:    "Authentication exchange line is too long",
		Basic:   "500",
		Meaning: "A line of the login is too long for the server.",
		Cause:   "A large token or Kerberos ticket, often sent as initial response on the AUTH line.",
		Try:     "Send AUTH without the initial response and wait for the 334, or ask for a smaller token.",
		RFC:     "RFC 4954 section 6",
	},
}
