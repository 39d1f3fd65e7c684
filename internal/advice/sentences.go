package advice

import (
	"strconv"

	"smtpsh/engine"
	"smtpsh/engine/tlsinfo"
)

// sentences has the text of each kind of advice, with the ways to do it in braces.
var sentences = map[engine.AdviceKind]string{
	engine.AdviceSendRaw:  "use {raw} to send such bytes",
	engine.AdviceSendLine: "{typed} sends it as it is",
	engine.AdviceParams:   "parameters have their own argument; {typed} sends a line as it is",
	engine.AdviceLongLine: "use {line} to send it as it is",
	engine.AdviceLongText: "quoted-printable or base64 makes lines short; use {text} to send them as they are",
	engine.AdviceLongChunk: "quoted-printable or base64 makes lines short; " +
		"BODY=BINARYMIME in MAIL, where the server offers BINARYMIME, allows any; use {chunk} to send them as they are",
	engine.AdviceEncode:         "encode the text as quoted-printable or base64",
	engine.AdviceAnswerLater:    "send AUTH with the mechanism alone and answer the 334 (RFC 4954 section 4)",
	engine.AdviceInitialDefault: "do not force the initial response: by default a long response is sent after the 334",
	engine.AdviceReset:          "send RSET to discard the chunks",
	engine.AdviceCutShort:       "open a new session: the message was cut short",
	engine.AdviceCredentials:    "{credentials}",

	engine.AdviceHostName:   "check the spelling of the host name, and that this machine can resolve names",
	engine.AdviceAnyFamily:  "leave out {family}",
	engine.AdviceAnySource:  "leave out {source}",
	engine.AdviceServerRuns: "check host and port (587 STARTTLS, 465 TLS, 25 between servers), and that the server runs",
	engine.AdviceFirewall:   "a firewall may drop the packets; many networks block port 25",
	engine.AdviceProxy:      "check the address of the proxy, and that it runs and allows this port",
	engine.AdviceSocketPath: "check the path of the socket, and that the server runs",
	engine.AdviceTimeout:    "{timeout} sets how long to wait",
	engine.AdviceSilentPort: "a port with implicit TLS says nothing first: write smtps:// for it",
	engine.AdviceClosedPort: "if the port has implicit TLS, write smtps://HOST:PORT; " +
		"else the server may not accept connections from this address",
	engine.AdviceNewSession:      "open a new session",
	engine.AdviceSendLater:       "send the message again in a new session, when the server takes it",
	engine.AdviceMayDeliverTwice: "sending it again can deliver it twice; check the recipient's mailbox first",

	engine.AdviceDistrustGreeting: "the server may be about to close, or may not be an SMTP server",
	engine.AdviceDistrustHello:    "the server's replies do not match the commands, or it is not an SMTP server",
	engine.AdviceHiddenLines:      "an attacker may be adding lines to the reply: do not log in",
	engine.AdviceInjected:         "an attacker between you and the server may be adding replies: do not log in",
	engine.AdviceNotEncrypted:     "the session is not encrypted: do not log in, and send nothing",
	engine.AdviceLoginVoid:        "the login is not valid",
	engine.AdviceNotSent:          "no message was sent",
	engine.AdviceTreatUnsent:      "treat the message as not sent; look for a proxy or filter between client and server",
	engine.AdviceOtherServer:      "this may be another server than intended",
	engine.AdviceHelloName:        "the server may refuse the name: {helo} gives the full host name of this machine",

	engine.AdviceImplicitTLS:  "try port 465, which begins with TLS: smtps://HOST",
	engine.AdviceClientCert:   "the server asked for a client certificate, and none was sent: {clientcert} send one",
	engine.AdviceTrustCA:      "name the CA of the certificate with {ca}",
	engine.AdviceStartTLS:     "STARTTLS and EHLO first",
	engine.AdviceEhlo:         "send EHLO; its reply shows whether STARTTLS is offered",
	engine.AdviceTLSFromStart: "the server offers no STARTTLS here: use a port with implicit TLS, such as 465",
	engine.AdviceInsecureAuth: "{insecureauth}",
	engine.AdviceEhloAgain:    "start TLS and send EHLO again",
	engine.AdviceOtherMechanisms: "start TLS and send EHLO again, which may offer other mechanisms; " +
		"or give credentials for an offered mechanism",
	engine.AdviceFittingCredentials: "give credentials for an offered mechanism, " +
		"or name the mechanism if the error says \"only when named\"",
	engine.AdviceMechanisms: "supported are {names}",
	engine.AdviceAuthByHand: "for another mechanism send its messages yourself: {auth}",
	engine.AdviceAuthStep:   "to try a mechanism that is not offered, send AUTH as a separate step",
	engine.AdviceEhloFirst:  "send EHLO first: its reply lists the mechanisms",
	engine.AdviceOtherPort:  "try another port: servers offer AUTH on 465 and 587, on port 25 often not",
}

// tlsSentences has the text of each kind of advice about TLS.
var tlsSentences = map[tlsinfo.AdviceKind]string{
	tlsinfo.AdviceTrustCert: "add the certificate itself with {ca} if you know that it is the server's; {insecure}",
	tlsinfo.AdviceTrustCA:   "add the certificate of {names} with {ca}; {insecure}",
	tlsinfo.AdviceSendIssuer: "if it is an intermediate, the server must send it after its own certificate; " +
		"if it is a CA, add its certificate with {ca}; {insecure}",
	tlsinfo.AdviceReplaceIssuer: "replace that certificate in the chain that the server sends; {insecure}",
	tlsinfo.AdviceMendChain:     "correct the chain that the server sends; {insecure}",
	tlsinfo.AdviceRenewTrust:    "update {capem} or this machine's CA certificates, and check this machine's clock",
	tlsinfo.AdviceReplaceCert:   "the server's certificate must be replaced; {insecure}",
	tlsinfo.AdviceCertName:      "connect by a name in the certificate, or give that name with {sni}; {insecure}",
	tlsinfo.AdviceServerName:    "connect by a name that the server has, or give it with {sni}",
	tlsinfo.AdviceSendCert:      "send one with {clientcert}",
	tlsinfo.AdviceCheckCert: "check that the certificate of {certfile} is for clients, is valid, " +
		"and comes with its intermediates from a CA that the server trusts",
	tlsinfo.AdvicePlainPort:   "use smtp:// and STARTTLS here; port 465 has implicit TLS",
	tlsinfo.AdviceVersions:    "check {versions}",
	tlsinfo.AdvicePin:         "pin this key only if you know that it is the server's, for example after it was renewed",
	tlsinfo.AdviceTryVersions: "the server may be older or stricter than the client: try {tryversions}, and check the server's log",
}

// quoted returns a name from a certificate in quotes.
func quoted(name string) string { return strconv.Quote(name) }
