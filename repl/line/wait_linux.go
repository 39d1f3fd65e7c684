package line

import "golang.org/x/sys/unix"

// readable waits until fd has something to read, or other has; it tells whether
// fd has. A negative other is left out; a negative time means for ever.
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

// waiting is how many octets fd has to read.
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
