// Package luabind is the Lua runtime of smtpsh. It knows no SMTP: what scripts can use is in
// modules, a package each.
//
// Everything a script can call is a row of a table, [Func], next to the Go
// function that does it: name, parameters with their types, what it returns, a
// text and an example. Registration, argument errors, "did you mean", the LuaCATS
// file for editors and the reference page all come from the same rows, so a
// function that is not documented cannot exist, and each example is run by a
// test. Rows, classes and options make a [Module], modules a [Library].
//
// A [VM] runs scripts. What it needs of the program around it (where to print,
// which variables there are) it asks its [Host]; modules may want more of the same
// host.
//
// Scripts have no access to files, processes or the environment. A script is
// stopped by its context wherever it is; every call that waits watches the same
// context. What a script leaves open is closed at the end of its [Scope].
package luabind
