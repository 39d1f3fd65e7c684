// Package shellword quotes words for command lines that are shown, so that a person can
// copy them into a shell.
package shellword
