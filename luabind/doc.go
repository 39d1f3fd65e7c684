// Package luabind is the Lua side of smtpsh: Lua 5.1 with sessions, replies and
// messages in it.
//
// Everything a script can call is a row of a table, [Func], beside the Go
// function that does it: name, parameters with their types, what it returns, a
// text and an example. Registration, argument errors, "did you mean", the LuaCATS
// file for editors and the reference page all come from the same rows, so a
// function that is not documented cannot exist, and each example is run by a
// test.
//
// A [VM] runs scripts. What it needs of the program around it (where to print,
// which variables there are, how to open a session) it asks its [Host], which
// the command line and the prompt implement; this package imports neither.
//
// Scripts have no access to files, processes or the environment. A script is
// stopped by its context wherever it is; every call that waits watches the same
// context. Sessions that a script leaves open say QUIT at its end and are closed.
package luabind
