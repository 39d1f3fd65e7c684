// Package lazyregexp compiles regular expressions when they are first needed, so that a
// program starts without those that it does not use.
package lazyregexp
