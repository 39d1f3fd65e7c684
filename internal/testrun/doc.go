// Package testrun runs tests and reports what came of them. It knows no language: a
// [Source] finds the tests in a file and runs them. Lua files are one source, dialogues
// another.
//
// Files run in parallel; the tests of a file run in order. Every [Reporter] hears the
// same events, one at a time and file by file, in the order of the files.
package testrun
