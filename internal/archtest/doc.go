// Package archtest has the tests of conventions: the allowed imports, the sizes of files,
// the documentation of every package. It has no code for the program.
package archtest
