// Package fakeserver runs small servers in tests. One follows a script line by line, a Go
// function implements the other. They can send what no real server sends. Begin with
// [Script].
package fakeserver
