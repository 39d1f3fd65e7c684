package saslmech

// otherInfos are the mechanisms with neither a password in SMTP nor an OAuth token:
// tickets, certificates, Windows accounts, or no credentials.
var otherInfos = []Info{
	{
		Name:     "NTLM",
		RFC:      "Microsoft MS-SMTPNTLM; Microsoft MS-NLMP",
		Standing: "vendor",
		First:    "client",
		Exchange: "The client sends a negotiate message, the server a challenge, the client its answer. A client may send bare AUTH NTLM " +
			"first, and the server then says 334 NTLM supported.",
		Initial: "the bytes NTLMSSP and NUL, message type 1, then flags, all binary",
		Example: "C: AUTH NTLM TlRMTVNTUAABAAAA, shortened to its first 12 bytes",
		Explain: "The Windows account login of Microsoft Exchange. It uses old cryptography, and an attacker in between can pass the " +
			"exchange on to another server. smtpsh has only version 2 of its responses (NTLMv2), as client and as server.",
		Try: "Only for Exchange inside a company, and inside TLS. Write the user as DOMAIN\\user or as user@domain. A failure is " +
			"535 5.7.3; then check the domain part of the user name.",
		Gmail:  "no",
		Spoken: true,
	},
	{
		Name:     "GSSAPI",
		RFC:      "RFC 4752; RFC 4121",
		Standing: "standard",
		First:    "client",
		Exchange: "The client sends a Kerberos ticket for the service, the server answers, and both agree in four bytes on a further " +
			"security layer, usually none.",
		Initial: "a GSS-API token for the service smtp@host, binary, first byte 60 hex",
		Example: "C: AUTH GSSAPI, then base64 that begins with Y",
		Explain: "Single sign-on with Kerberos. The user logs in once at the workstation, and no password goes to the mail server.",
		Try: "Use it where a Kerberos realm exists. If it fails, check the ticket with klist, the clocks, and that the host name in " +
			"DNS matches the service name.",
		Gmail: "no",
	},
	{
		Name:     "EXTERNAL",
		RFC:      "RFC 4422 appendix A",
		Standing: "standard",
		First:    "client",
		Exchange: "The client sends one message, often empty, and the server decides by what it knows from outside.",
		Initial:  "the identity to act as, or empty, which SMTP writes as =",
		Example:  "C: AUTH EXTERNAL =",
		Explain: "The proof lies outside SMTP, usually in the TLS client certificate. The server checks the certificate and derives the " +
			"user from it.",
		Try: "Present the certificate in the TLS handshake; AUTH comes afterwards. If EXTERNAL is not listed, the server did not ask " +
			"for a certificate or does not trust yours.",
		Gmail:  "no",
		Spoken: true,
	},
	{
		Name:     "ANONYMOUS",
		RFC:      "RFC 4505",
		Standing: "standard",
		First:    "client",
		Exchange: "The client sends one message and the server lets it in.",
		Initial:  "a trace text such as a mail address, or empty",
		Example:  "C: AUTH ANONYMOUS YWxpY2VAZXhhbXBsZS5jb20=",
		Explain:  "A login without identity. The text is a courtesy for the log and proves nothing.",
		Try:      "Hardly of use in mail. A server that offers it must not relay for its users.",
		Gmail:    "no",
		Spoken:   true,
	},
}
