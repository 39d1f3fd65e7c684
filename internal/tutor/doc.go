// Package tutor explains a conversation to somebody who sees one for the first
// time. It reads the events of a session and has a line or two for each that shows
// something new: a verb, a code, a capability, what Base64 hides. Each fact is told
// once. Before a command that cannot work it has advice; the command is sent all
// the same, and its first refusal of a kind is explained.
//
// Credentials are decoded as far as they are no secret: the user name of PLAIN is
// shown, its password is masked.
package tutor
