// Package safetext makes text of unknown origin safe to show: no byte of it can control a
// terminal or a page, or hide other text. Begin with [Escape].
package safetext
