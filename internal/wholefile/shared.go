package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Errors of [ReplaceOwn].
var (
	errForeignLink = errors.New("is a link that belongs to another user")
	errSharedLink  = errors.New("is a link, and other users can write to its folder; name the file that it leads to")
	errNoFile      = errors.New("is not a regular file, and other users can write to its folder")
)

// ReplaceOwn is [Replace] for folders such as /tmp, where other users can make files. It
// follows no link of another user, except root. In a folder that others can write, the name
// must be a file of this user or free. Errors are *fs.PathError.
func ReplaceOwn(path string, content []byte, perm fs.FileMode) error {
	if err := checkLinks(path); err != nil {
		return err
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return named(path, err)
	}
	if runtime.GOOS == "windows" || dir.Mode().Perm()&0o022 == 0 {
		return Replace(path, content, perm)
	}
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return named(path, err)
	case info.Mode()&fs.ModeSymlink != 0:
		return named(path, &fs.PathError{Err: errSharedLink})
	case !info.Mode().IsRegular():
		return named(path, &fs.PathError{Err: errNoFile})
	}
	tmp, err := write(path, content, perm, 0)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil { // it replaces a link that was made in the meantime
		os.Remove(tmp) //nolint:errcheck // report the first error
		return named(path, err)
	}
	return nil
}

// checkLinks checks every part of a path.
func checkLinks(path string) error {
	for at := filepath.Clean(path); ; at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 && foreign(info) {
			return named(at, &fs.PathError{Err: errForeignLink})
		}
		if next := filepath.Dir(at); next == at {
			return nil
		}
	}
}
