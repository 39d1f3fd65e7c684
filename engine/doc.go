// Package engine is an SMTP and LMTP client that sends any command and shows every reply.
//
// There are two levels. Begin with the upper one: [Open] connects and prepares a session
// for mail, and [Session.Send] sends a message. Both return an error unless they succeed.
// On the lower level, [Dial] connects and reads the greeting. After that the caller can
// send any verb at any time, each with one call ([Session.Ehlo], [Session.Mail],
// [Session.Data], [Session.StartTLS], [Session.Auth] ...), any other line with
// [Session.Do], and any bytes with [Session.Write].
//
// # What a call returns
//
// Every reply is a value: a *reply.Reply of any code, also 4xx and 5xx. An error means that
// the exchange failed: the connection failed, a wait timed out, TLS failed, or the server
// violated the protocol. If a reply belongs to the failure, OpError.Reply has it. Only the
// upper level also returns an error, ErrRefused, for a 4yz or 5yz reply. An error is also
// returned for input that the engine refuses to send, such as an address with a CR, or a
// password over an unencrypted connection to another machine. Each error is an [*OpError].
// errors.Is finds its kind, and its Advice lists what can help. Error texts name no flag or
// function of the calling program; each program expresses an [Advice] itself.
//
// # What the engine never does
//
// On the lower level the engine sends only what the caller requests: it adds no EHLO, no
// second attempt and no QUIT. It sends commands in any order: [Session.State] only reports
// what the server has accepted. The engine never matches a reply to the wrong command. If a
// wait times out within an exchange, the session is out of step, and each later command
// returns ErrOutOfStep.
//
// # Seeing everything
//
// An event.Observer in [Options] receives every byte and every decision in wire order, with
// secrets marked. Transcripts and prompts are such observers.
//
// A Session is not safe for concurrent use, except [Session.Close], which any goroutine can
// call and which ends every wait.
package engine
