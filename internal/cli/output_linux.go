package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

// closedOutput reports whether a file of this process was closed when the process began.
//
// In this case the Go runtime opens /dev/null in its place, for reading and writing. A
// shell opens /dev/null for writing only, but other programs open it for both when they
// discard output on purpose. So the parent process decides: the file was closed if the
// parent has no standard output either, or if the parent is a shell whose own output is
// another file. Otherwise the file counts as /dev/null.
func closedOutput(f *os.File) bool {
	if !discards(f) { //mutant:closed-output-is-no-success always
		return false
	}
	parent := fmt.Sprintf("/proc/%d", os.Getppid())
	if _, err := os.ReadDir(parent + "/fd"); err != nil {
		return false // the parent belongs to another user and cannot be read
	}
	out, err := os.Readlink(parent + "/fd/1")
	if err != nil {
		return os.IsNotExist(err)
	}
	name, err := os.ReadFile(parent + "/comm")
	return err == nil && out != os.DevNull && slices.Contains(shells, strings.TrimSpace(string(name)))
}

// discards reports whether a file is /dev/null, open for reading and writing.
func discards(f *os.File) bool {
	c, err := f.SyscallConn()
	if err != nil {
		return false
	}
	found := false
	err = c.Control(func(fd uintptr) {
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFL, 0)
		var st, null syscall.Stat_t
		found = errno == 0 && flags&syscall.O_ACCMODE == syscall.O_RDWR &&
			syscall.Fstat(int(fd), &st) == nil && syscall.Stat(os.DevNull, &null) == nil && st.Mode&syscall.S_IFMT == syscall.S_IFCHR &&
			st.Rdev == null.Rdev
	})
	return err == nil && found
}

// shells open /dev/null for writing only when > is written.
var shells = []string{"sh", "bash", "dash", "zsh", "ksh", "ksh93", "mksh", "ash", "busybox", "fish"}
