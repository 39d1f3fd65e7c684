package line

import "golang.org/x/sys/unix"

// readable waits until fd or other can be read, and reports whether fd can. A negative
// other is ignored; a negative ms waits without a limit.
func readable(fd, other, ms int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if other >= 0 {
		fds = append(fds, unix.PollFd{Fd: int32(other), Events: unix.POLLIN})
	}
	for {
		_, err := unix.Poll(fds, ms)
		if err == unix.EINTR {
			continue
		}
		return err == nil && fds[0].Revents != 0
	}
}

// waiting returns the number of bytes that can be read from fd.
func waiting(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

const (
	ioctlGet = unix.TCGETS
	ioctlSet = unix.TCSETS
)
