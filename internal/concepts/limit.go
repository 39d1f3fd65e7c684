package concepts

func limits() []Concept {
	return []Concept{
		{
			Name: "limits", Also: []string{"limit", "size limits", "timeouts", "timeout", "length limits"}, Group: Limit,
			Definition: "what RFC 5321 requires every server to accept, and how long it requires clients to wait",
			Text: "Lengths in bytes: local part 64, domain 255, path 256 with its brackets, command line 512 with CRLF, reply line " +
				"512 with CRLF, " +
				"text line 1000 with CRLF, message 64 KiB, 100 recipients.\n" +
				"Shortest time limits of a client: greeting 5 minutes, MAIL and RCPT 5 minutes, reply to DATA 2 minutes, each block " +
				"of the message 3 minutes, " +
				"reply to the end of the message 10 minutes. A server waits at least 5 minutes for the next command.",
			Example: "A server that needs 4 minutes to check a message is slow and within the rules.",
			Wrong:   "A client waits 30 seconds after the final dot, gives up and sends again: the recipient gets the message twice.",
			Here:    ":set timeout", Shows: "timeout",
			Source: "RFC 5321 section 4.5.3.1; RFC 5321 section 4.5.3.2",
		},
		{
			Name: "512", Also: []string{"512 bytes", "command line limit", "line length"}, Group: Limit,
			Definition: "the bytes that a command line may have, with CRLF; reply lines too",
			Text:       "Extensions make it longer: SIZE by 26 bytes in MAIL, SMTPUTF8 by 10, AUTH in MAIL by 500.",
			Example:    "A RCPT with a long address and ORCPT needs DSN, which allows 500 bytes more.",
			Wrong:      "A longer command: 500 5.5.2 line too long.",
			Here:       ":explain limits", Shows: "512",
			Source: "RFC 5321 section 4.5.3.1.4",
		},
		{
			Name: "998", Also: []string{"1000", "text line limit", "998 bytes", "1000 bytes"}, Group: Limit,
			Definition: "the bytes that a line of a message may have without CRLF (1000 with it)",
			Example:    "HTML without line breaks must be sent in Base64 or quoted-printable.",
			Wrong:      "Servers cut longer lines or reject the message. A cut line breaks the DKIM signature.",
			Here:       ":explain quoted-printable", Shows: "RFC 2045",
			Source: "RFC 5321 section 4.5.3.1.6; RFC 5322 section 2.1.1",
		},
		{
			Name: "64", Also: []string{"64 bytes", "local part limit"}, Group: Limit,
			Definition: "the bytes that the local part of an address may have",
			Example:    "Addresses of list bounces (VERP) can come near to it.",
			Wrong:      "A longer local part: 501, or a rejection by some servers only.",
			Here:       ":explain local part", Shows: "64",
			Source: "RFC 5321 section 4.5.3.1.1",
		},
		{
			Name: "255", Also: []string{"256", "255 bytes", "256 bytes", "domain limit", "path limit"}, Group: Limit,
			Definition: "the bytes that a domain may have (255), and a path with its brackets (256)",
			Example:    "<ann@example.org> is a path of 17 bytes.",
			Wrong:      "A local part of 64 bytes leaves 189 for the domain in a path.",
			Here:       ":explain limits", Shows: "256",
			Source: "RFC 5321 section 4.5.3.1.2; RFC 5321 section 4.5.3.1.3",
		},
		{
			Name: "100", Also: []string{"100 recipients", "recipient limit", "too many recipients"}, Group: Limit,
			Definition: "the recipients of one transaction that every server must accept",
			Text: "A server with too many recipients replies 452. The client sends the message to those accepted, and then " +
				"once more to the others.",
			Example: "A list of 250 members is sent in three transactions.",
			Wrong:   "A client treats 452 as a failure of the whole message.",
			Here:    ":explain 452", Shows: "452  ",
			Source: "RFC 5321 section 4.5.3.1.8; RFC 5321 section 4.5.3.1.10",
		},
		{
			Name: "12288", Also: []string{"12288 bytes", "AUTH line limit"}, Group: Limit,
			Definition: "the bytes that a line of an AUTH exchange may have, with CRLF",
			Example:    "A long OAuth token in Base64.",
			Wrong:      "A longer response: 500 5.5.6.",
			Here:       ":explain AUTH", Shows: "RFC 4954",
			Source: "RFC 4954 section 4",
		},
		{
			Name: "message size", Also: []string{"size limit", "maximum message size", "message too big", "message too " +
				"large"}, Group: Limit,
			Definition: "how large a message a server accepts; it announces the number with the extension SIZE",
			Text:       "The size counts header, body and attachments as they are sent. Base64 makes an attachment a third larger.",
			Example:    "250-SIZE 35882577: Gmail's submission server accepts about 34 MiB, that is attachments of 25 MB.",
			Wrong:      "552 5.3.4 or 5.2.3 after the whole message was sent. With SIZE in MAIL the server can reject it before.",
			Here:       ":open sandbox:plain\nEHLO me.example\nMAIL FROM:<a@example.org> SIZE=99999999", Shows: "552",
			Source: "RFC 1870 section 3",
		},
	}
}
