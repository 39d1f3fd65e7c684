// Package diagram draws a transcript as a sequence diagram: the client on the left, the
// server on the right, an arrow for each line or reply, and the time in the margin.
// Encrypted parts are marked, and a bracket joins commands that were sent together.
//
// [New] makes a [Diagram] from the JSON records of a transcript, which come from a live
// session, a log file or a recording. It is written as text for a terminal, as an HTML page
// or as an SVG picture. The page and the picture show an explanation of the row under the
// pointer.
package diagram
