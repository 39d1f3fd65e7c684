package sandbox

import (
	"os"

	"golang.org/x/sys/unix"
)

// unnamed creates a file without a name in a folder. It fails if the file system does not
// support that.
func unnamed(dir string) (*os.File, error) {
	//mutant:temporary-files-have-no-names is "dir, unix.O_TMPFILE" "dir+\"/smtpsh-message\", os.O_CREATE|unix.O_TMPFILE&0"
	return os.OpenFile(dir, unix.O_TMPFILE|os.O_RDWR|os.O_EXCL, 0o600)
}
