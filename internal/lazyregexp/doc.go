// Package lazyregexp compiles regular expressions when they are first needed, so that the
// program starts faster. Begin with [New].
package lazyregexp
