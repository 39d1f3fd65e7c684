// Package cli is the command line: commands, flags, exit statuses, and the texts of errors.
// Begin with [Main]. It gets everything that it uses as a value and returns the exit
// status, so that tests can run the whole program.
package cli
