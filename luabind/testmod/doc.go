// Package testmod is the Lua module for tests: describe, it and hooks, expect, check and
// eventually. A [Suite] has the tests of a file and runs them. Begin with [Load].
package testmod
