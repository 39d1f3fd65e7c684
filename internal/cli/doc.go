// Package cli is the command line: commands and flags, exit codes, and the
// program's voice. [Main] takes everything it touches as a value and returns the
// exit status, so that tests run it whole.
package cli
