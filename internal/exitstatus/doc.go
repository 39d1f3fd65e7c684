// Package exitstatus finds the exit status of an error: the one that it states, or the one
// of its kind if it is an error of the engine. The numbers are in package exit, which does
// not know SMTP.
package exitstatus
