// Package docgen writes the reference pages in docs/reference from the program's own
// tables. Run its command with go generate; a test checks that the pages are up to date.
// Begin with [Pages].
package docgen

//go:generate go run ./gen ../../docs/reference
