// Package advice returns texts for the advice of an error. Begin with [Hint].
//
// The engine decides what helps ([engine.Advice]). How a user does it depends on the
// [Surface]: a flag on the command line, a command at the prompt, a function in Lua, a line
// in a dialogue. Only this package knows both. It has two tables: sentences has a text for
// each kind of advice, with names in braces such as {insecure}; ways has what each name becomes
// on each surface, such as --insecure. A clause is omitted if a surface has no such way.
//
// [Hint] returns what to try after any error of the program: errors of other packages have
// a method Hint, and those of the engine have their texts here.
package advice
