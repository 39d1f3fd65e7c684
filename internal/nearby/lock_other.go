//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package nearby

import (
	"errors"
	"io/fs"
	"os"
)

// On other systems the owner of a file is unknown, so records are neither written nor
// trusted.

func ours(fs.FileInfo) bool { return false }

func lock(*os.File) error { return errors.ErrUnsupported }

func isLocked(*os.File) bool { return false }

const noFollow = 0
