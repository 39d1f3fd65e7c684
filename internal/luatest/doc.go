// Package luatest finds test files, runs them, and reports what came of it.
//
// A test file is a Lua file with describe and it, or a dialogue (.smtp), which is
// one test. Files run in parallel, each in a VM of its own; the tests of a file run
// in order. Every [Reporter] hears the same events, one at a time and file by
// file, in the order of the files.
package luatest
