// Package archtest holds the tests that keep the house in order: who may import
// whom, how large files may grow, what every package must have. It has no code
// for the program.
package archtest
