// Package repl is the prompt: it holds live sessions and sends each line to the server
// as the user typed it. Begin reading at [Run].
//
// A line that begins with ":" is a command of the prompt; no SMTP verb begins with ":".
// A line that begins with "=" is Lua, with the session as s. Every other line is sent
// with CRLF. Four verbs have a second part that cannot be typed as one line, and the
// prompt adds it: after the 220 to STARTTLS it does the TLS handshake, after AUTH with
// only a mechanism it asks for the credentials, and after DATA and BDAT it reads the
// message.
//
// One method, saw, receives every event of every session. It records, logs, shows and
// explains the event; :save, :diagram and :show read the recording. While the user
// types, the prompt also reads from the servers, so that it reports a closed connection
// at once.
//
// The same loop reads from a pipe. Then there is no prompt and no colour, the
// transcript is printed as C: and S: lines, "#" begins a comment, and the first
// 4yz or 5yz reply without an ":expect" ends the run. Lessons use the same loop: after
// each line the prompt checks whether the goal of the step is reached.
//
// Commands and settings are rows of tables, next to their handlers. Help, completion
// and the reference page are made from these tables.
package repl
