// Package readfile reads the files that the program is given, with three rules that hold
// everywhere: a limit on the size, the kinds of files that a place accepts, and an end of
// every wait. A FIFO that nobody writes to, a device that never ends and a file of many
// gigabytes are errors or interrupted waits, never a program that hangs or fills the
// memory.
//
// All readers of files go through it; internal/archtest checks that.
package readfile
