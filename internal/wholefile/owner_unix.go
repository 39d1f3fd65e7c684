//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package wholefile

import (
	"io/fs"
	"os"
	"syscall"
)

// foreign reports whether a file belongs to a user other than this one and root.
func foreign(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Uid != 0 && int(st.Uid) != os.Geteuid()
}
