package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes a file and replaces an existing one, or the target of a link. It writes
// into a pipe or a device as into a file. A new file has the permissions perm, less the
// umask. A file of this user that is replaced keeps its permissions, so that a report that
// the user made readable for others stays readable. A FIFO without a reader is
// [ErrNoReader]. Errors are *fs.PathError or *os.LinkError.
func Replace(path string, content []byte, perm fs.FileMode) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays
	}
	kept := fs.FileMode(0)
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.Mode().IsRegular() && ours(info):
			kept = info.Mode().Perm()
		case !info.Mode().IsRegular() && !info.IsDir():
			return pour(path, content)
		}
	}
	//mutant:files-are-whole is "write(path, content, perm, kept)" "path, os.WriteFile(path, content, perm|kept)"
	tmp, err := write(path, content, perm, kept)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp) //nolint:errcheck // report the first error
		return named(path, err)
	}
	return nil
}

// Check reports whether Replace could write the file. It leaves no file behind. It does not
// open pipes and devices, because a reader would see the end of the data. Errors are
// *fs.PathError.
func Check(path string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return &fs.PathError{Op: "write", Path: path, Err: errors.New("is a directory")}
	case err == nil && !info.Mode().IsRegular():
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return named(path, err)
	}
	tmp, err := write(path, nil, 0o600, 0)
	if err != nil {
		return err
	}
	return named(path, os.Remove(tmp))
}

// pour writes into a pipe or a device such as /dev/stdout, which must not be replaced by a
// file.
func pour(path string, content []byte) error {
	f, err := openStream(path, os.O_WRONLY, 0)
	if err != nil {
		return named(path, err)
	}
	if info, serr := f.Stat(); serr != nil || info.Mode().IsRegular() {
		f.Close()
		return named(path, errors.Join(serr, errChanged))
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return named(path, err)
}
