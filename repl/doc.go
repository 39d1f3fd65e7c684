// Package repl is the prompt: live sessions whose servers hear every line as it was
// typed.
//
// Words that begin with ":" are ours; ":" can never begin an SMTP verb. A line that
// begins with "=" is Lua, with the session as s. Every other line goes out followed
// by CRLF. Four verbs have a second half that cannot be typed as a line, and the
// prompt helps with it: after the 220 to STARTTLS the handshake follows, AUTH with
// only a mechanism asks for what that needs, and DATA and BDAT take the message.
//
// One function, saw, is notified of every event of every session. It records, logs,
// shows, and explains to those who are learning; :save, :diagram and :show read what
// it has recorded. While a person types, servers are listened to, so that one that
// hangs up is reported at once.
//
// The same loop reads from a pipe. Then there is no prompt and no colour, the
// conversation is printed as C: and S: lines, "#" begins a comment, and the first
// reply of 4yz or 5yz that no ":expect" announced ends it. A lesson is held in the
// same loop: after each line it is asked whether its goal is reached.
//
// Commands and settings are rows of tables, beside their handlers; help, completion
// and the reference page come from them.
package repl
