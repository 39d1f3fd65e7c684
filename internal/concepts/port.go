package concepts

func ports() []Concept {
	return []Concept{
		{
			Name: "25", Also: []string{"port 25", "smtp port"}, Group: Port,
			Definition: "the port on which servers accept mail from other servers, without a login",
			Text: "TLS is optional there and begins with STARTTLS. Most providers of home and cloud connections block " +
				"outgoing connections to it.",
			Example: "The MX of example.org accepts mail for example.org on port 25.",
			Wrong:   "A mail program is set to port 25: the connection times out, because the provider blocks it.",
			Here:    ":open sandbox:gmail/25\nEHLO me.example", Shows: "mx.google.com",
			Source: "RFC 5321 section 4.5.4.2; IANA Service Name and Port Number Registry",
		},
		{
			Name: "587", Also: []string{"port 587", "submission port"}, Group: Port,
			Definition: "the port for submission: users log in after STARTTLS and hand over new mail",
			Example:    "smtp.gmail.com:587",
			Wrong: "A client begins with TLS at once and reports \"wrong version number\", because the server sends its " +
				"greeting unencrypted.",
			Here: ":open sandbox:gmail/587\nEHLO me.example", Shows: "250-STARTTLS",
			Source: "RFC 6409 section 3.1",
		},
		{
			Name: "465", Also: []string{"port 465", "submissions port", "smtps port"}, Group: Port,
			Definition: "the port for submission with implicit TLS: encrypted from the first byte",
			Text:       "RFC 8314 prefers it to 587, because nothing can be sent unencrypted by mistake.",
			Example:    "smtp.gmail.com:465",
			Wrong:      "A client without TLS waits for the greeting until its time limit.",
			Here:       ":open sandbox:gmail/465", Shows: "TLS 1.3",
			Source: "RFC 8314 section 3.3",
		},
		{
			Name: "2525", Also: []string{"port 2525"}, Group: Port,
			Definition: "a second submission port that some providers offer where 25 and 587 are blocked",
			Example:    "Mail services for cloud machines accept submission on 2525 as on 587.",
			Wrong:      "It is not registered for mail, so other providers do not have it.",
			Here:       "smtpsh explain 587", Shows: "submission",
			Source: "no standard",
		},
		{
			Name: "143", Also: []string{"port 143", "993", "port 993", "IMAP", "IMAP port", "IMAPS"}, Group: Port,
			Definition: "the ports of IMAP, with which programs read mail that stays on the server: 143 with STARTTLS, 993 with " +
				"implicit TLS",
			Example: "imap.gmail.com:993",
			Wrong:   "The address of the SMTP server is entered for reading mail.",
			Here:    ":explain 587", Shows: "submission",
			Source: "RFC 9051 section 2.1; RFC 8314 section 3.2",
		},
		{
			Name: "110", Also: []string{"port 110", "995", "port 995", "POP3", "POP", "POP3 port"}, Group: Port,
			Definition: "the ports of POP3, with which programs fetch mail from a server: 110 with STLS, 995 with implicit TLS",
			Example:    "pop.gmail.com:995",
			Wrong:      "The program deletes the mail after fetching it, and other devices no longer find it.",
			Here:       ":explain 587", Shows: "submission",
			Source: "RFC 1939 section 3; RFC 8314 section 3.1",
		},
	}
}
