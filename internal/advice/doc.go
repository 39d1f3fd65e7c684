// Package advice turns the advice that an error carries into words.
//
// The engine says what helps ([engine.Advice]); how a person does it depends on the
// [Surface]: a flag on the command line, a command at the prompt, a function in Lua, a
// line in a dialogue. This is the one place that knows both. The words are made of two
// tables: sentences has one for each kind of advice, with the names of ways in braces,
// and ways says how each surface does it. A clause whose way a surface does not have is
// left out there.
//
// [Hint] finds what to try after any error of the program: the errors of other packages
// have a method Hint, and those of the engine have their words here.
package advice
