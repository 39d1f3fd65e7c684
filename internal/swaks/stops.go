package swaks

// stopPoints are the names of the stop points.
var stopPoints = map[string]string{
	"PROXY": "PROXY", "CONNECT": "CONNECT", "BANNER": "CONNECT", "FIRST-HELO": "FIRST-HELO", "FIRST-EHLO": "FIRST-HELO",
	"FIRST-LHLO": "FIRST-HELO",
	"XCLIENT":    "XCLIENT", "XCLIENT-HELO": "XCLIENT-HELO", "STARTTLS": "TLS", "TLS": "TLS", "HELO": "HELO", "EHLO": "HELO", "LHLO": "HELO",
	"AUTH": "AUTH", "MAIL": "MAIL", "FROM": "MAIL", "RCPT": "RCPT", "TO": "RCPT", "DATA": "DATA", "DOT": "DOT",
}
