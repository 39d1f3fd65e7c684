// Package testmod is the Lua module of tests: describe, it and their hooks, expect and
// check, eventually. A [Suite] is what a test file defines, and runs its tests.
package testmod
