package saslmech

// tokenInfos are the mechanisms with an OAuth token.
var tokenInfos = []Info{
	{
		Name:     "XOAUTH2",
		RFC:      "Google XOAUTH2 protocol page",
		Standing: "vendor",
		First:    "client",
		Exchange: "The client sends one message. If the token is bad, the server sends a 334 with an error report in JSON, the client " +
			"answers with an empty line, and 535 follows.",
		Initial: "user=address ^A auth=Bearer token ^A ^A, without the spaces around ^A, which is the byte 01",
		Example: "C: AUTH XOAUTH2 dXNlcj1hbGljZUBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LkVYQU1QTEUBAQ==",
		Explain: "A login with an OAuth 2.0 access token instead of a password. The program never sees the password, and the user can " +
			"withdraw the token. Until it expires, often after one hour, it works like a password.",
		Try: "Use it at Gmail and Microsoft, inside TLS only. After a 334 decode the JSON; a status of 400 or 401 usually means an " +
			"expired token or a wrong scope. Send the empty line, or you fall out of step.",
		Gmail:  "inside TLS",
		Spoken: true,
	},
	{
		Name:     "OAUTHBEARER",
		RFC:      "RFC 7628; RFC 5801; RFC 6750",
		Standing: "standard",
		First:    "client",
		Exchange: "The client sends one message. If the token is bad, the server sends a 334 with an error report in JSON, the client " +
			"answers AQ== (the byte 01), and the error reply follows.",
		Initial: "n,a=address, ^A host=name ^A port=number ^A auth=Bearer token ^A ^A, without the spaces around ^A, which is the byte 01",
		Example: "C: AUTH OAUTHBEARER bixhPWFsaWNlQGV4YW1wbGUuY29tLAFob3N0PXNtdHAuZ21haWwuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHlhMjkuRVhBTVBMRQEB",
		Explain: "The standard form of a login with an OAuth 2.0 token. It also names the host and port, so that the server can see which " +
			"service the client meant.",
		Try:    "Use it inside TLS where it is listed, XOAUTH2 where it is not. The answer to the error report is AQ==, not an empty line.",
		Gmail:  "inside TLS",
		Spoken: true,
	},
	{
		Name:     "XOAUTH",
		RFC:      "Google OAuth 1.0 mechanism",
		Standing: "dead",
		First:    "client",
		Exchange: "The client sends one message, a signed web request.",
		Initial:  "GET, space, request URL, space, signed parameters",
		Example:  "C: AUTH XOAUTH / S: 504 5.7.4 XOAUTH is no longer supported.",
		Explain: "The forerunner of XOAUTH2, built on OAuth 1.0. Gmail still lists the name, but its documentation says that it answers " +
			"504 5.7.4.",
		Try:   "Use XOAUTH2 or OAUTHBEARER.",
		Gmail: "listed, not usable",
	},
	{
		Name:     "PLAIN-CLIENTTOKEN",
		RFC:      "Google, no public text",
		Standing: "vendor",
		First:    "unknown",
		Exchange: "Not published.",
		Initial:  "not published",
		Example:  "S: 250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
		Explain: "A name that smtp.gmail.com has listed since 2014 and that no public text describes. It is presumably meant for Google's " +
			"own programs.",
		Try:   "Pass over it and choose another mechanism of the same line.",
		Gmail: "listed, not usable",
	},
}
