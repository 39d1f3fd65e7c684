// Package logfile appends a transcript to a file, as text or as JSON lines. The flag
// --log and the command :log of the prompt use it.
package logfile
