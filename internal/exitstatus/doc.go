// Package exitstatus finds the exit status of an error: what the error states, or what
// belongs to the kind of an error of the engine. The numbers are those of package exit,
// which knows nothing of SMTP.
package exitstatus
