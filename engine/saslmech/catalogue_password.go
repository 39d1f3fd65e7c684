package saslmech

// passwordInfos are the mechanisms with a user name and a password. The examples log in
// alice@example.com with the password s3cret, except for SCRAM, which has the user and
// nonces of the RFCs so that the result can be compared.
var passwordInfos = []Info{
	{
		Name:     "PLAIN",
		RFC:      "RFC 4616",
		Standing: "standard",
		First:    "client",
		Exchange: "The client sends one message and the server answers 235 or 535.",
		Initial:  "[identity to act as] NUL user NUL password, in UTF-8",
		Example:  "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHMzY3JldA==",
		Explain: "User and password in one base64 string, with a zero byte before each. Base64 hides nothing, so whoever sees the line has " +
			"the password. The first part stays empty unless you act for another user.",
		Try: "Use it only inside TLS; there it is the simplest choice. If it fails, decode the string and look for a missing NUL, a " +
			"line end after the password, or a wrong character set.",
		Gmail:  "inside TLS",
		Spoken: true,
	},
	{
		Name:     "LOGIN",
		RFC:      "draft-murchison-sasl-login-00",
		Standing: "obsolete but common",
		First:    "server",
		Exchange: "The server asks for the user name, then for the password; the client answers each in base64.",
		Initial:  "none; many servers also take the user name on the AUTH line",
		Example:  "C: AUTH LOGIN / S: 334 VXNlcm5hbWU6 / C: YWxpY2VAZXhhbXBsZS5jb20= / S: 334 UGFzc3dvcmQ6 / C: czNjcmV0",
		Explain: "The same secrets as in PLAIN, sent in two responses. It never became a standard, but nearly every server has it. The " +
			"prompts usually read Username: and Password:, and a client should not depend on their wording.",
		Try: "Prefer PLAIN, and use LOGIN only inside TLS. If the first response is rejected, try the other form: with the " +
			"user name on the AUTH LOGIN line, or without it.",
		Gmail:  "inside TLS",
		Spoken: true,
	},
	{
		Name:     "CRAM-MD5",
		RFC:      "RFC 2195",
		Standing: "limited",
		First:    "server",
		Exchange: "The server sends a challenge, and the client answers with its name and a keyed hash of the challenge.",
		Initial:  "none; the answer is user, space, HMAC-MD5 of the challenge with the password as key, in lower-case hex",
		Example: "C: AUTH CRAM-MD5 / S: 334 PDEyMzQuNTY3OEBteC5leGFtcGxlLm9yZz4= / C: " +
			"YWxpY2VAZXhhbXBsZS5jb20gOGQzNDk4YzRjMmI1ZDU5MDhiMThiMGYxMjA0ZTA5MDA=",
		Explain: "The password is not sent. But the server must keep it in a readable form, the client gets no proof that the server is " +
			"real, and a listener can try passwords against the hash at leisure.",
		Try: "Prefer SCRAM, or PLAIN inside TLS. If it fails with a good password, the server may hold only a hash of it and cannot " +
			"check the answer.",
		Gmail:  "no",
		Spoken: true,
	},
	{
		Name:     "DIGEST-MD5",
		RFC:      "RFC 2831; RFC 6331",
		Standing: "historic",
		First:    "server",
		Exchange: "The server sends a list of values, the client answers with a list and a hash, and the server closes with a proof of its own.",
		Initial: "none; the answer is a list such as " +
			"username=...,realm=...,nonce=...,cnonce=...,nc=00000001,qop=auth,digest-uri=smtp/host,response=32 hex digits",
		Example: "S: 334 cmVhbG09ImV4YW1wbGUub3JnIixub25jZT0ia1huM3FQejgxTHciLHFvcD0iYXV0aCIsYWxnb3JpdGhtPW1kNS1zZXNzLGNoYXJzZXQ9dXRmLTg=",
		Explain: "A relative of HTTP digest login. It is complicated, programs read its rules differently, and MD5 is weak, so RFC 6331 " +
			"retired it.",
		Try:    "Choose another mechanism of the AUTH line. A server that offers only this one needs an update.",
		Gmail:  "no",
		Spoken: true,
	},
	{
		Name:     "SCRAM-SHA-1",
		RFC:      "RFC 5802",
		Standing: "standard",
		First:    "client",
		Exchange: "Client and server exchange nonces, the client proves that it knows the password, and the server proves that it holds the " +
			"user's keys. In SMTP the server's proof comes in a last 334, which the client answers with an empty line.",
		Initial: "n,,n=user,r=nonce; in names = is written =3D and the comma =2C",
		Example: "C: AUTH SCRAM-SHA-1 biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM",
		Explain: "The password never travels, the server stores only derived keys, and both sides prove themselves. The salt and the " +
			"iteration count slow down guessing. Its hash, SHA-1, is dated.",
		Try: "Prefer SCRAM-SHA-256 where both are offered. If the server's proof is wrong, stop: it is not the server that knows your " +
			"account.",
		Gmail:  "no",
		Spoken: true,
	},
	{
		Name:     "SCRAM-SHA-256",
		RFC:      "RFC 7677; RFC 5802",
		Standing: "standard",
		First:    "client",
		Exchange: "As SCRAM-SHA-1: nonces, the client's proof, then the server's proof in a last 334 that the client answers with an empty line.",
		Initial:  "n,,n=user,r=nonce; in names = is written =3D and the comma =2C",
		Example:  "C: AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=",
		Explain: "SCRAM with a current hash and at least 4096 iterations. The password never travels, and a stolen server database does " +
			"not show it.",
		Try: "A good choice inside TLS. A 535 with a good password can mean that the server has no SCRAM keys for the account: log in " +
			"once with PLAIN or set the password anew.",
		Gmail:  "no",
		Spoken: true,
	},
	{
		Name:     "SCRAM-SHA-1-PLUS",
		RFC:      "RFC 5802; RFC 9266",
		Standing: "standard",
		First:    "client",
		Exchange: "As SCRAM-SHA-1. The third message also carries a value that belongs to this TLS connection alone.",
		Initial:  "p=tls-exporter,,n=user,r=nonce, or p=tls-unique with TLS 1.2 and older",
		Example:  "C: AUTH SCRAM-SHA-1-PLUS cD10bHMtZXhwb3J0ZXIsLG49dXNlcixyPWZ5a28rZDJsYmJGZ09OUnY5cWt4ZGF3TA==",
		Explain: "SCRAM tied to the TLS connection. A man in the middle has two connections with different values, so the login fails " +
			"instead of passing through.",
		Try: "Use it when the list has no SCRAM-SHA-256-PLUS. With TLS 1.3 choose tls-exporter; if it fails, client and server may not " +
			"share a binding type.",
		Gmail:  "no",
		Spoken: true,
	},
	{
		Name:     "SCRAM-SHA-256-PLUS",
		RFC:      "RFC 7677; RFC 9266",
		Standing: "standard",
		First:    "client",
		Exchange: "As SCRAM-SHA-256. The third message also carries a value that belongs to this TLS connection alone.",
		Initial:  "p=tls-exporter,,n=user,r=nonce",
		Example:  "C: AUTH SCRAM-SHA-256-PLUS cD10bHMtZXhwb3J0ZXIsLG49dXNlcixyPXJPcHJOR2Z3RWJlUldnYk5Fa3FP",
		Explain: "The strongest password mechanism met in SMTP: a current hash, and a binding to the TLS connection " +
			"(channel binding). A client that supports channel binding but sees no PLUS mechanism begins its first message with y " +
			"instead of n. If the server did offer one, it notices that an attacker removed it from the list.",
		Try:    "First choice where offered. Behind a proxy that ends TLS the values differ and the login fails; then use SCRAM-SHA-256.",
		Gmail:  "no",
		Spoken: true,
	},
}
