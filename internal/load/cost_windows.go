package load

import (
	"runtime"
	"syscall"
	"time"
)

// processTime returns the processor time of the process so far.
func processTime() time.Duration {
	var created, exited, kernel, user syscall.Filetime
	self, err := syscall.GetCurrentProcess()
	if err != nil || syscall.GetProcessTimes(self, &created, &exited, &kernel, &user) != nil {
		return 0
	}
	of := func(f syscall.Filetime) time.Duration { // in steps of 100 ns
		return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
	}
	return of(kernel) + of(user)
}

// peakMemory returns the memory that the program has used so far, in bytes.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
