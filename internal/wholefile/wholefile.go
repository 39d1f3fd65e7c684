package wholefile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Replace writes a file in the place of the one that may be there, or where a link
// there leads to; into a pipe or a device it writes as into a file. The permissions
// are those of a new file. Errors are *fs.PathError or *os.LinkError.
func Replace(path string, content []byte, perm fs.FileMode) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return stream(path, content)
	}
	tmp, err := write(path, content, perm)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp) //nolint:errcheck // the first error is the one to tell
		return named(path, err)
	}
	return nil
}

// Check reports whether Replace could write the file, for those who want to know before
// the work that fills it. It leaves nothing behind. Pipes and devices are not opened:
// that may wait for a reader. Errors are *fs.PathError.
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
	tmp, err := write(path, nil, 0o600)
	if err != nil {
		return err
	}
	return named(path, os.Remove(tmp))
}

// stream writes into what is no file, such as a pipe or /dev/stdout, which must not be
// replaced by one.
func stream(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return named(path, err)
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return named(path, err)
}

// Create writes a file that must not be there yet; else the error is fs.ErrExist.
func Create(path string, content []byte, perm fs.FileMode) error {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return create(path, bytes.NewReader(content), perm, true)
}

// CreateFrom is Create for a content that is read from r. With sync the content is on the
// disk when it returns; [SyncFolder] does the same for its name. Errors of r are returned
// as those of the file.
func CreateFrom(path string, r io.Reader, perm fs.FileMode, sync bool) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	case !errors.Is(err, fs.ErrNotExist):
		return named(path, err)
	}
	return create(path, r, perm, sync)
}

// SyncFolder writes the names in a folder to the disk, where the system has that.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return named(dir, err)
	}
	err = f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil && runtime.GOOS == "windows" {
		return nil // it has no such call for folders
	}
	return named(dir, err)
}

// create gives a file its name only when it is whole, and never the name of another one.
func create(path string, r io.Reader, perm fs.FileMode, sync bool) error {
	tmp, err := writeFrom(path, r, perm, sync)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) //nolint:errcheck // it has its name, or is not wanted
	err = os.Link(tmp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return named(path, err)
	}
	// a file system without links: the name is taken first, then given away
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return named(path, err)
	}
	f.Close()
	return named(path, os.Rename(tmp, path))
}

// write makes a temporary file beside the one that is wanted, whose content is on the disk.
func write(path string, content []byte, perm fs.FileMode) (string, error) {
	return writeFrom(path, bytes.NewReader(content), perm, true)
}

func writeFrom(path string, r io.Reader, perm fs.FileMode, sync bool) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return "", named(path, err)
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Chmod(perm)
	}
	if err == nil && sync {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		os.Remove(f.Name()) //nolint:errcheck // the first error is the one to tell
		return "", named(path, err)
	}
	return f.Name(), nil
}

func named(path string, err error) error { return Named("write", path, err) }

// Named returns err as a [fs.PathError] of the operation op on path, without the name of
// the temporary file that err may hold. It returns nil if err is nil.
func Named(op, path string, err error) error {
	if err == nil {
		return nil
	}
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}
