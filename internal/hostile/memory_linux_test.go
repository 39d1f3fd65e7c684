package hostile_test

import (
	"os"
	"syscall"
)

// resident returns the largest memory of a process, in bytes.
func resident(p *os.ProcessState) int64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok && !raceEnabled {
		return u.Maxrss << 10
	}
	return 0
}
