//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package line

import "golang.org/x/sys/unix"

// readable waits until fd or other can be read, and reports whether fd can. A negative
// other is ignored; a negative ms waits without a limit. It uses select, because poll does
// not support terminals on macOS.
func readable(fd, other, ms int) bool {
	for {
		var set unix.FdSet
		set.Set(fd)
		top := fd
		if other >= 0 {
			set.Set(other)
			top = max(fd, other)
		}
		var tv *unix.Timeval
		if ms >= 0 {
			t := unix.NsecToTimeval(int64(ms) * 1e6)
			tv = &t
		}
		_, err := unix.Select(top+1, &set, nil, nil, tv)
		if err == unix.EINTR {
			continue
		}
		return err == nil && set.IsSet(fd)
	}
}

// waiting returns the least number of bytes that can be read from fd.
func waiting(fd int) int {
	if readable(fd, -1, 0) {
		return 1
	}
	return 0
}

const (
	ioctlGet = unix.TIOCGETA
	ioctlSet = unix.TIOCSETA
)
