// Package explain writes what the tables know of a word: a reply code, an
// enhanced status code, a verb, an EHLO keyword, a parameter or a mechanism, for
// a person to read.
package explain
