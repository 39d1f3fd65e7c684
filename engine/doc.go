// Package engine is a live SMTP conversation: the client's half.
//
// There are two levels. [Open] brings a session to where mail can be sent, and
// [Session.Send] sends a message; both return an error unless they succeed.
// Below them, [Dial] connects and reads the greeting. After that any verb can be
// sent at any time, each by one call ([Session.Ehlo], [Session.Mail], [Session.Data],
// [Session.StartTLS], [Session.Auth] ...), any other line with [Session.Do], and
// any bytes at all with [Session.Write].
//
// # What a call returns
//
// Every answer to a verb is a value: a *reply.Reply of any code, 5yz included. An error
// means that there is no answer to look at: the connection failed, a wait ended,
// TLS failed, the server broke the protocol, or the caller asked for something
// that is refused before it is sent (an address with a CR in it, a password over
// an unencrypted connection). Each error is an [*OpError]; errors.Is tells its
// kind, and its Advice what may help. The texts name no flag or function of the
// program around the engine: each program has its own words for an [Advice].
//
// # What the engine never does
//
// On the lower level it sends nothing that was not asked for: no EHLO of its own, no second
// attempt, no QUIT behind the caller's back. It does not forbid commands that
// come at the wrong time: [Session.State] is observed from what the server
// accepted and is there to be looked at. And it never reads somebody else's
// reply: when a wait has timed out in the middle of an exchange, the session is
// out of step and says so from then on.
//
// # Seeing everything
//
// An event.Observer in [Options] is notified of every byte and every decision, in
// wire order, with secrets marked. Transcripts and prompts are such observers.
//
// A Session is not safe for concurrent use, with the exception of
// [Session.Close], which may come from anywhere and ends every wait.
package engine
