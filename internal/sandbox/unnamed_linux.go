package sandbox

import (
	"os"

	"golang.org/x/sys/unix"
)

// unnamed opens a new file without a name in a folder. Not every file system can.
func unnamed(dir string) (*os.File, error) {
	//mutant:temporary-files-have-no-names is "os.OpenFile(dir, unix.O_TMPFILE|os.O_RDWR|os.O_EXCL, 0o600)" "os.CreateTemp(dir, \"smtpsh-message-*\"[unix.O_TMPFILE-unix.O_TMPFILE:])"
	return os.OpenFile(dir, unix.O_TMPFILE|os.O_RDWR|os.O_EXCL, 0o600)
}
