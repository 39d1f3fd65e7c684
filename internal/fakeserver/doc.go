// Package fakeserver runs small servers inside tests: one that follows a script line by
// line, and one that a Go function plays. They do what no real server does.
package fakeserver
