// Package docgen writes the reference pages in docs/reference from the program's
// own tables. Its command is run by go generate; a test compares the pages with
// what it would write.
package docgen

//go:generate go run ./gen ../../docs/reference
