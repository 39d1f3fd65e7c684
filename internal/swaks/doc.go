// Package swaks accepts the command lines of swaks (version 20240103) and shows the session in
// its notation. Begin with [Run].
//
// An option is a row of a table ([Options]). Command line, environment and configuration file
// are read into settings (settings.go), which message.go turns into a message. transaction.go
// does the steps of a session in the order of swaks, and output.go writes its lines. The exit
// statuses are those of swaks.
//
// The emulation is better than the original in what harms nobody: control characters of a
// server are escaped, and passwords are masked. The option --swaks-exact switches that off.
package swaks
