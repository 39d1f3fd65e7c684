// Package fakeserver runs small servers inside tests: one follows a script line by
// line, and a Go function implements the other. They send what no real server
// sends.
package fakeserver
