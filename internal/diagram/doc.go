// Package diagram draws a conversation as a sequence: the client's lane on the
// left, the server's on the right, an arrow for every line or reply, the time in
// the margin, encrypted stretches marked, commands that were sent together bracketed.
//
// A drawing is made of the JSON records of a transcript, so that a live session, a
// log file and a recording are drawn alike. It is rendered as text for a terminal,
// and as a self-contained HTML page or SVG picture whose arrows explain themselves
// when the pointer rests on them.
package diagram
