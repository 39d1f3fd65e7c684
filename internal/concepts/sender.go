package concepts

func senders() []Concept {
	return []Concept{
		{
			Name: "SPF", Long: "Sender Policy Framework", Also: []string{"Sender Policy Framework", "SPF record"}, Group: Sender,
			Definition: "a DNS record in which a domain lists the servers that may use it in MAIL FROM",
			Text: "The receiver looks up the domain of the reverse-path (for <> the EHLO name) and " +
				"checks whether the client's IP address is in its list.",
			Example: "example.org. TXT \"v=spf1 ip4:192.0.2.1 include:_spf.google.com -all\"",
			Wrong:   "More than 10 DNS lookups, two records for one name, or a forwarding server that is not in the list.",
			Here: ":open sandbox:gmail/mx\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<spf-hard-fail@gmail.com>\n" +
				"DATA\nhello\n.\n:why", Shows: "550-5.7.26",
			Source: "RFC 7208",
		},
		{
			Name: "DKIM", Long: "DomainKeys Identified Mail", Also: []string{"DomainKeys Identified Mail", "DKIM " +
				"signature", "DKIM selector"}, Group: Sender,
			Definition: "a signature over header fields and body, which receivers check with a public key from the signer's DNS",
			Example:    "DKIM-Signature: v=1; d=example.org; s=2026; ... with the key at 2026._domainkey.example.org.",
			Wrong:      "Something changes the message after signing: a footer, a new encoding, a virus scanner. Or the key in DNS is cut.",
			Here:       ":explain 5.7.20", Shows: "DKIM",
			Source: "RFC 6376",
		},
		{
			Name: "DMARC", Long: "Domain-based Message Authentication, Reporting and Conformance", Also: []string{"DMARC " +
				"policy", "DMARC record"}, Group: Sender,
			Definition: "a DNS record that says what to do with mail whose From domain neither SPF nor DKIM confirms",
			Text: "One of the two must pass and be aligned with the domain in the header field From. Reports go to the " +
				"address in rua.",
			Example: "_dmarc.example.org. TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@example.org\"",
			Wrong:   "p=reject is published before all the domain's senders sign with its own domain. Their mail is then rejected.",
			Here: ":open sandbox:gmail/mx\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<dmarc-reject@gmail.com>\n" +
				"DATA\nhello\n.\n:why", Shows: "DMARC",
			Source: "RFC 9989",
		},
		{
			Name: "alignment", Also: []string{"DMARC alignment", "identifier alignment", "relaxed alignment", "strict " +
				"alignment"}, Group: Sender,
			Definition: "DMARC's rule that the domain that SPF or DKIM has confirmed belongs to the domain in From",
			Text:       "Relaxed (the default): both have the same organizational domain. Strict: both are the same name.",
			Example:    "d=mail.example.org and From: ann@example.org are aligned if relaxed, and not if strict.",
			Wrong:      "A newsletter service signs with its own domain. DKIM passes and DMARC fails.",
			Here:       ":explain DMARC", Shows: "aligned",
			Source: "RFC 9989",
		},
		{
			Name: "ARC", Long: "Authenticated Received Chain", Also: []string{"Authenticated Received Chain"}, Group: Sender,
			Definition: "header fields in which each server on the way signs the results of the checks that it has seen",
			Example:    "A mailing list changes a message. ARC tells the next server that SPF and DKIM had passed before.",
			Wrong:      "It helps only if the receiver trusts the server that sealed it.",
			Here:       ":explain 5.7.29", Shows: "ARC",
			Source: "RFC 8617",
		},
		{
			Name: "SRS", Long: "Sender Rewriting Scheme", Also: []string{"Sender Rewriting Scheme"}, Group: Sender,
			Definition: "a way to rewrite the reverse-path when mail is forwarded, so that SPF passes",
			Example:    "ann@example.org becomes SRS0=hash=tt=example.org=ann@forwarder.example.",
			Wrong:      "SPF then passes for the forwarder's domain. That domain is not the one in From, so DMARC still needs DKIM.",
			Here:       ":open sandbox:plain\nEHLO me.example\nMAIL FROM:<SRS0=HHH=TT=example.org=ann@forwarder.example>", Shows: "250",
			Source: "no standard; M. W. Wong, 2003",
		},
		{
			Name: "Authentication-Results", Also: []string{"authentication results"}, Group: Sender,
			Definition: "a header field in which the receiving server writes the results of SPF, DKIM and DMARC",
			Example:    "Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=example.org; dkim=pass header.d=example.org",
			Wrong:      "A sender can forge it. Trust only the field with your own server's name.",
			Here:       ":explain DKIM", Shows: "signature",
			Source: "RFC 8601",
		},
		{
			Name: "PTR", Long: "pointer record", Also: []string{"reverse DNS", "PTR record", "rDNS"}, Group: Sender,
			Definition: "a DNS record that gives the name of an IP address",
			Example:    "1.2.0.192.in-addr.arpa. PTR mail.example.org.",
			Wrong: "It is missing, or is a provider's general name such as host-1-2.isp.example. Gmail rejects mail from IPv6 " +
				"addresses without it.",
			Here: ":open sandbox:gmail/mx\nEHLO me.example\nMAIL FROM:<a@example.org>\nRCPT TO:<no-ptr@gmail.com>\nDATA\n" +
				"hello\n.", Shows: "PTR",
			Source: "RFC 1035 section 3.3.12",
		},
		{
			Name: "FCrDNS", Long: "forward-confirmed reverse DNS", Also: []string{"forward-confirmed reverse DNS", "iprev"}, Group: Sender,
			Definition: "the check that the name in an address's PTR record leads back to the same address",
			Example:    "192.0.2.1 is mail.example.org, and mail.example.org has the address 192.0.2.1.",
			Wrong:      "The two records are changed at different times. Receivers reply 450 or 550 with 5.7.25.",
			Here:       ":explain 5.7.25", Shows: "5.7.25",
			Source: "RFC 8601 section 2.7.3",
		},
		{
			Name: "BIMI", Long: "Brand Indicators for Message Identification", Also: []string{"Brand Indicators for Message " +
				"Identification"}, Group: Sender,
			Definition: "a DNS record that names a logo, which mail programs show next to mail that passes DMARC",
			Example:    "default._bimi.example.org. TXT \"v=BIMI1; l=https://example.org/logo.svg\"",
			Wrong:      "The domain's DMARC policy is p=none: the logo is not shown.",
			Here:       ":explain DMARC", Shows: "p=reject",
			Source: "no standard; Internet-Draft draft-brand-indicators-for-message-identification",
		},
		{
			Name: "one-click unsubscribe", Also: []string{"List-Unsubscribe", "list-unsubscribe-post", "unsubscribe"}, Group: Sender,
			Definition: "two header fields with which a mail program can end a subscription by one request",
			Example:    "List-Unsubscribe: <https://example.org/u/123> with List-Unsubscribe-Post: List-Unsubscribe=One-Click",
			Wrong:      "The page requires a login, or the two fields are not covered by the DKIM signature.",
			Here:       ":explain bulk sender", Shows: "5000",
			Source: "RFC 8058",
		},
		{
			Name: "bulk sender", Also: []string{"bulk rules", "bulk mail", "sender requirements", "bulk sender rules"}, Group: Sender,
			Definition: "a sender of about 5000 or more messages a day to one provider, to whom stricter rules apply",
			Text: "Gmail and Yahoo require SPF and DKIM, DMARC with alignment, one-click unsubscribe, TLS, PTR records and " +
				"few complaints (under 0.3 %).",
			Example: "A shop's newsletter to 8000 Gmail addresses.",
			Wrong:   "One rule is not kept: 421 or 550 with 4.7.x or 5.7.x, for example 4.7.32 (From is not aligned).",
			Here:    ":explain 5.7.26", Shows: "5.7.26",
			Source: "Google, Email sender guidelines, 2024",
		},
	}
}
