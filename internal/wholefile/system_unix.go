//go:build unix

package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// nonblock opens a FIFO without waiting for the peer; nofollow opens no link.
const (
	nonblock = syscall.O_NONBLOCK | syscall.O_NOCTTY
	nofollow = syscall.O_NOFOLLOW
)

// noReader reports whether an error means that a FIFO has no reader.
func noReader(err error) bool { return errors.Is(err, syscall.ENXIO) }

// block makes writes wait that the runtime cannot let wait.
func block(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var serr error
	err = c.Control(func(fd uintptr) { serr = syscall.SetNonblock(int(fd), false) })
	return errors.Join(err, serr)
}

// ours reports whether a file belongs to this user and has no second name that another user
// could have made.
func ours(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid() && st.Nlink == 1
}
