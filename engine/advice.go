package engine

import "smtpsh/engine/tlsinfo"

// Advice is one thing to try after a failure. It contains no text: each program expresses
// it with its own flags, commands or functions.
type Advice struct {
	Kind  AdviceKind
	TLS   tlsinfo.Advice // for [AdviceTLS]; else empty
	Names []string       // for [AdviceMechanisms]; else nil
}

// AdviceKind is the kind of an [Advice]. Fields that the comment of a kind does not
// mention are empty.
type AdviceKind int

// What can help after an ErrUsage.
const (
	AdviceNone           AdviceKind = iota // nothing; the zero value
	AdviceSendRaw                          // send the bytes with [Session.Write]: no other method sends CR, LF and NUL
	AdviceSendLine                         // send the line with [Session.Do], which does not change it
	AdviceParams                           // give parameters as [Param] values and not within the address, or use [Session.Do]
	AdviceLongLine                         // send a line that is too long with [Session.Do] or [Session.Write]
	AdviceLongText                         // make the lines of a message short, or send it with [AnyLength]
	AdviceLongChunk                        // the same for BDAT, with [Chunk.AnyLength] or BODY=BINARYMIME
	AdviceEncode                           // encode the text of the message as quoted-printable or base64
	AdviceAnswerLater                      // send AUTH with the mechanism alone, and the long response after the 334
	AdviceInitialDefault                   // do not set [InitialAlways]: a long response is then sent after the 334
	AdviceReset                            // send RSET, which discards the chunks sent so far
	AdviceCutShort                         // open a new session: the message was cut short
	AdviceCredentials                      // keep user names and passwords out of the target, and log in with them
)

// What can help to connect, and after a connection is lost.
const (
	AdviceHostName        AdviceKind = iota + 100 // check the host name, and the name servers of this machine
	AdviceAnyFamily                               // omit [Options.Network], which allows one address family only
	AdviceAnySource                               // omit [Options.Network] and [Options.LocalAddr]
	AdviceServerRuns                              // check the host and port, and that the server runs
	AdviceFirewall                                // look for a firewall that drops packets; many networks block port 25
	AdviceProxy                                   // check the address of [Options.Proxy], and that the proxy runs and allows the port
	AdviceSocketPath                              // check the path of the unix socket, and that the server runs
	AdviceTimeout                                 // [Options.Timeouts] sets how long to wait
	AdviceSilentPort                              // the port may use implicit TLS, which sends no greeting before TLS
	AdviceClosedPort                              // the same, or the server accepts no connections from this IP address
	AdviceNewSession                              // open a new session
	AdviceSendLater                               // send the message again in a new session, when the server accepts mail
	AdviceMayDeliverTwice                         // find out whether the message arrived before sending it again
)

// What can help after an invalid reply.
const (
	AdviceDistrustGreeting AdviceKind = iota + 200 // the server may be closing, or may not be an SMTP server
	AdviceDistrustHello                            // the server's replies do not match the commands, or it is not an SMTP server
	AdviceHiddenLines                              // do not log in: an attacker may have added lines or capabilities to the reply
	AdviceInjected                                 // do not log in: an attacker may have added replies before TLS began
	AdviceNotEncrypted                             // do not log in, and send nothing: TLS did not begin
	AdviceLoginVoid                                // treat the session as not logged in
	AdviceNotSent                                  // no message was sent
	AdviceTreatUnsent                              // treat the message as not sent; look for a proxy or filter in between
	AdviceOtherServer                              // this may not be the server that it claims to be
	AdviceHelloName                                // set [Options.HELO] to the full host name of this machine
)

// What can help to log in, and with TLS.
const (
	AdviceTLS                AdviceKind = iota + 300 // the field TLS has the advice of [tlsinfo.Advise]
	AdviceImplicitTLS                                // try port 465, which begins with TLS
	AdviceClientCert                                 // set [TLSOptions.Certificates]: the server asked for a certificate
	AdviceTrustCA                                    // add the certificate's CA to [TLSOptions.RootCAs]
	AdviceStartTLS                                   // send STARTTLS and EHLO first
	AdviceEhlo                                       // send EHLO, which shows whether STARTTLS is offered
	AdviceTLSFromStart                               // use a port with implicit TLS: STARTTLS is not offered
	AdviceInsecureAuth                               // set [Options.AllowInsecureAuth] to send credentials anyway
	AdviceEhloAgain                                  // start TLS and send EHLO again: AUTH is offered only then
	AdviceOtherMechanisms                            // the same for other mechanisms; or use other credentials
	AdviceFittingCredentials                         // use credentials that fit an offered mechanism, or name a mechanism
	AdviceMechanisms                                 // use one of Names, the mechanisms that [Session.Auth] has
	AdviceAuthByHand                                 // send the messages of another mechanism with [Session.AuthRaw]
	AdviceAuthStep                                   // send AUTH after [Session.Open], which uses only offered mechanisms
	AdviceEhloFirst                                  // send EHLO first: its reply names the mechanisms
	AdviceOtherPort                                  // try port 465 or 587: port 25 often has no AUTH
)

// advise returns a list for [OpError.Advice].
func advise(kinds ...AdviceKind) []Advice {
	out := make([]Advice, len(kinds))
	for i, k := range kinds {
		out[i].Kind = k
	}
	return out
}

// adviseTLS returns the list for an error of TLS; nil if there is no advice.
func adviseTLS(err error) []Advice {
	a := tlsinfo.Advise(err)
	if a.Kind == tlsinfo.AdviceNone {
		return nil
	}
	return []Advice{{Kind: AdviceTLS, TLS: a}}
}
