// Package dialogue reads, plays and records dialogues: files in the notation of smtpsh's
// transcripts.
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
// [Parse] parses a dialogue into a [Script]. The text can be written by hand, copied from an
// RFC or pasted from swaks. [Script.Play] plays it with a server and returns the first
// difference as a [*Mismatch]. [Read] reads the log of a session into a [Recording], which
// writes a dialogue or a Lua test. Values that change become patterns, and secrets become
// variables.
package dialogue
