//go:build unix

package readfile

import "syscall"

// nonblock opens a FIFO without waiting for its writer, and a terminal without making it
// the controlling terminal.
const nonblock = syscall.O_NONBLOCK | syscall.O_NOCTTY
