// Package repl is the prompt: a live session whose server hears every line as it
// was typed.
//
// Words that begin with ":" are ours; ":" can never begin an SMTP verb. Every
// other line goes out followed by CRLF. Three verbs have a second half that
// cannot be typed as a line, and the prompt helps with it: after the 220 to
// STARTTLS the handshake follows, AUTH with only a mechanism asks for what that
// needs, and DATA and BDAT take the message.
//
// The same loop reads from a pipe. Then there is no prompt and no colour, the
// conversation is printed as C: and S: lines, "#" begins a comment, and the first
// reply of 4yz or 5yz that no ":expect" announced ends it.
//
// Commands are rows of a table, beside their handlers; help, completion and the
// reference page come from it.
package repl
