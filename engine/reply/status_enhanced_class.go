package reply

// enhancedClasses explains the first number of an enhanced status code.
var enhancedClasses = []EnhancedStatus{
	{
		Code:    "2.X.X",
		Name:    "Success",
		Basic:   "2yz",
		Meaning: "The server did what was asked. In a delivery report it means that the message was delivered.",
		Cause:   "All went well.",
		Try:     "Continue; the other two numbers only add detail.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "4.X.X",
		Name:    "Persistent transient failure",
		Basic:   "4yz",
		Meaning: "It failed this time, but the same message may get through later.",
		Cause:   "A shortage, a fault, a limit or greylisting at the server or on the way to it.",
		Try:     "Keep the message and retry with growing pauses, for some days if necessary.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "5.X.X",
		Name:    "Permanent failure",
		Basic:   "5yz",
		Meaning: "It failed, and the same message sent the same way fails again.",
		Cause:   "A wrong address, a forbidden content or size, a missing login, or a policy.",
		Try:     "Look at the other two numbers, and correct what they name before you send again.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
}

// enhancedSubjects explains the second number of an enhanced status code.
var enhancedSubjects = []EnhancedStatus{
	{
		Code:    "X.0.X",
		Name:    "Other or undefined status",
		Meaning: "The server gives no subject. Only the class has a meaning.",
		Cause:   "Software that has no finer code for the event, or a system that translates old replies.",
		Try:     "Rely on the text and on the basic reply code.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "X.1.X",
		Name:    "Addressing status",
		Meaning: "The result is about the sender or recipient address as it is written in the envelope.",
		Cause:   "A misspelt name or domain, or an address that is no longer in use.",
		Try:     "Compare the addresses in MAIL and RCPT letter by letter.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "X.2.X",
		Name:    "Mailbox status",
		Meaning: "The address is right, but its mailbox has a problem.",
		Cause:   "A full or disabled mailbox, or a mailing list that cannot be expanded.",
		Try:     "Tell the owner of the mailbox; the sender cannot repair it.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "X.3.X",
		Name:    "Mail system status",
		Meaning: "The result is about the receiving mail system as a whole, not about one mailbox.",
		Cause:   "A full disk, maintenance, a size limit or a wrong setting at the destination.",
		Try:     "Retry when the class is 4; otherwise tell the operator of that system.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "X.4.X",
		Name:    "Network and routing status",
		Meaning: "The result is about the way to the next host: connections, DNS and routes.",
		Cause:   "A host that is down, a broken DNS zone, a firewall or a forwarding loop.",
		Try:     "Check the MX and address records, then try a connection by hand.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "X.5.X",
		Name:    "Mail delivery protocol status",
		Meaning: "The result is about the SMTP commands themselves.",
		Cause:   "A misspelt command, a wrong order or an argument that the server does not support.",
		Try:     "Read the last commands of the session one by one.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "X.6.X",
		Name:    "Message content or media status",
		Meaning: "The result is about what is in the message and how it is encoded.",
		Cause:   "Non-ASCII text, a file type or a conversion that a host on the way cannot handle.",
		Try:     "Send a plainer form: base64 or quoted-printable, ASCII header fields, common file types.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
	{
		Code:    "X.7.X",
		Name:    "Security or policy status",
		Meaning: "The result is about logins, encryption, sender checks or the rules of the server.",
		Cause:   "A missing login or TLS, a failed SPF, DKIM or DMARC check, or a blocked sender.",
		Try:     "Read the text first; policies differ from site to site and the text often has a link.",
		RFC:     "RFC 3463 section 2; RFC 5248",
	},
}
