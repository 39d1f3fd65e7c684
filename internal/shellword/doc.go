// Package shellword quotes words for command lines that are shown, so that users can copy
// them into a shell. Begin with [Quote].
package shellword
