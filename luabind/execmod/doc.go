// Package execmod is the Lua module of programs that a test starts beside itself, such as
// the mail client that it tries. They end with what has started them.
package execmod
