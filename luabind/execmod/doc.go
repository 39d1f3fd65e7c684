// Package execmod is the Lua module for programs that a test starts, such as the mail
// client under test. They end with the test. Begin with [Module].
package execmod
