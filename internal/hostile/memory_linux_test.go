package hostile_test

import (
	"os"
	"syscall"
)

// resident is the most memory that a process had, in octets.
func resident(p *os.ProcessState) int64 {
	if u, ok := p.SysUsage().(*syscall.Rusage); ok && !raceEnabled {
		return u.Maxrss << 10
	}
	return 0
}
