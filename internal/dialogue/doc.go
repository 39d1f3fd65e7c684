// Package dialogue reads, plays and records conversations in the notation of our
// transcripts:
//
//	# a refused recipient does not end the transaction
//	S: 220 ...
//	C: EHLO client.example.com
//	S: 250-{host} greets {}
//	S: ...
//	C: MAIL FROM:<ann@example.com>
//	S: 250
//	C: RCPT TO:<nobody@example.org>
//	S: 550 5.1.1
//
// [Parse] makes a [Script] of a text, be it written by hand, copied from an RFC,
// or pasted from swaks. [Script.Play] holds it with a server and tells the first
// difference as a [*Mismatch]. [Record] reads what a session has left behind and
// writes it as a dialogue or as a Lua test, with what changes from day to day
// turned into patterns and secrets into variables.
package dialogue
