// Package exit has the exit statuses of the program and finds the status of an error.
//
// An error states its status with a method ExitStatus ([Stater]). Errors of packages that
// must not import the command line, such as the Lua runtime and the prompt, do so too,
// which is why this is a package of its own. The engine knows no exit status; package
// exitstatus has those of its errors.
package exit
