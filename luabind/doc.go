// Package luabind is the Lua runtime of smtpsh. It does not know SMTP: everything that
// scripts can use is in modules, a package each. Begin with [VM] and [Module].
//
// Every function for scripts is a row of a table, [Func], next to the Go function: its
// name, parameters with types, results, a text and an example. Registration, argument
// errors, "did you mean", the LuaCATS file for editors and the reference page all come from
// these rows. So every function is documented, and a test runs each example. Rows, classes
// and options make a [Module], modules make a [Library].
//
// A [VM] runs scripts. It asks its [Host] for what it needs of the program: where to print,
// and the variables. Modules can require more of the same host.
//
// Scripts have no access to files, processes or the environment. The end of its context
// stops a script in any state; every call that waits watches the same context. What a
// script leaves open is closed at the end of its [Scope].
package luabind
