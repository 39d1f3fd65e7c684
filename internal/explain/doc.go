// Package explain writes what the tables contain about a word: a reply code, an enhanced
// status code, a verb, an EHLO keyword, a parameter, a mechanism or a concept. Begin with
// [Word] and [Why].
package explain
