// Package exit has the exit statuses of the program and says which one an error has.
//
// An error states its own with a method ExitStatus ([Stater]); so do those of packages
// that may not import the command line, such as the Lua runtime and the prompt, which is
// why this is a package of its own. The engine knows no exit status: those of its errors
// and of refusals are here, by kind and reply.
package exit
