// Package testrun runs tests and reports the results. It is independent of the language
// of a test: a [Source] finds the tests in a file and runs them. Lua files are one source,
// dialogues another. Begin reading at [Run].
//
// Files run in parallel; the tests of a file run in order. Every [Reporter] receives the
// same events, one at a time and file by file, in the order of the files.
package testrun
