package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Probe reports whether [Replace] could write a file, before the work whose result is
// to stand in it is done. Nothing is left behind.
func Probe(path string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return &fs.PathError{Op: "write", Path: path, Err: errIsFolder}
	case err == nil && !info.Mode().IsRegular(): // a pipe or a device
		return nil
	}
	tmp, err := write(path, nil, 0o600)
	if err != nil {
		return err
	}
	return os.Remove(tmp)
}

var errIsFolder = errors.New("it is a folder")
