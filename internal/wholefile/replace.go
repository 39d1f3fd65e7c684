package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes a file in the place of the one that may be there, or where a link
// there leads to; into a pipe or a device it writes as into a file. A new file has the
// permissions perm, less the umask. One that replaces a file of this user's keeps the permissions of
// that, so that whoever has opened a report to others once need not do it again. A FIFO
// that no program reads is [ErrNoReader]. Errors are *fs.PathError or *os.LinkError.
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
		os.Remove(tmp) //nolint:errcheck // the first error is the one to tell
		return named(path, err)
	}
	return nil
}

// Check reports whether Replace could write the file, for those who want to know before
// the work that fills it. It leaves nothing behind. Pipes and devices are not opened:
// a reader would take that for the end. Errors are *fs.PathError.
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

// pour writes into what is no file, such as a pipe or /dev/stdout, which must not be
// replaced by one.
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
