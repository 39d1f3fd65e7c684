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
// Without Options.Unsafe and Options.Reach, a script reaches no programs and no environment, and
// files only in its own folder ([Touch] lists what). When the context of a script ends, the
// script is stopped in any state. Every call that waits also watches this context. What a script
// leaves open is closed at the end of its [Scope].
package luabind
