// Package safetext makes text of unknown origin safe to show: no byte of it can change
// what a terminal or a page does, or hide other text.
package safetext
