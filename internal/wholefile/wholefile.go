package wholefile

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Create writes a new file. If the name exists, also as a link, the error is fs.ErrExist.
// The file has the permissions perm, less the umask.
func Create(path string, content []byte, perm fs.FileMode) error {
	//mutant:a-file-that-exists-is-not-written-over is "err == nil" "err == nil && os.Remove(path) != nil"
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	return create(path, bytes.NewReader(content), perm, synced)
}

// CreateFrom is Create with the content of r. With sync the content is on the disk when it
// returns; [SyncFolder] does the same for the name. Errors of r are returned like those of
// the file.
func CreateFrom(path string, r io.Reader, perm fs.FileMode, sync bool) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	case !errors.Is(err, fs.ErrNotExist):
		return named(path, err)
	}
	return create(path, r, perm, durability(sync))
}

// SyncFolder writes the names in a folder to the disk, if the system supports it.
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
		return nil // the system has no such call for folders
	}
	return named(dir, err)
}

// durability tells whether the content must be on the disk before the file gets its name.
type durability bool

const (
	synced   durability = true
	unsynced durability = false
)

// create gives a file its name only when it is complete, and never the name of an existing
// file.
func create(path string, r io.Reader, perm fs.FileMode, sync durability) error {
	tmp, err := writeFrom(path, r, perm, 0, sync)
	if err != nil {
		return err
	}
	defer os.Remove(tmp) //nolint:errcheck // it already has its name, or is not needed
	err = os.Link(tmp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return named(path, err)
	}
	// a file system without hard links: first reserve the name, then replace it
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return named(path, err)
	}
	f.Close()
	return named(path, os.Rename(tmp, path))
}

// write makes a temporary file in the same folder, with its content on the disk.
func write(path string, content []byte, perm, exactly fs.FileMode) (string, error) {
	return writeFrom(path, bytes.NewReader(content), perm, exactly, synced)
}

// writeFrom makes a temporary file with a free name that nobody can guess.
func writeFrom(path string, r io.Reader, perm, exactly fs.FileMode, sync durability) (string, error) {
	tmp := filepath.Join(filepath.Dir(path), temporary())
	f, err := os.OpenFile(tmp, newFile, perm)
	if err != nil {
		return "", named(path, err)
	}
	if err := fill(f, r, exactly, sync); err != nil {
		os.Remove(tmp) //nolint:errcheck // report the first error
		return "", named(path, err)
	}
	return tmp, nil
}

// temporary is a name for a file that gets its own when it is whole.
//
//mutant:temporary-names-cannot-be-guessed is "Text()" "Text()[:4]"
func temporary() string { return ".new-" + rand.Text() }

// newFile opens a file that must not be there, also not as a link.
//
//mutant:temporary-files-are-opened-where-nothing-is is "os.O_EXCL | " ""
const newFile = os.O_WRONLY | os.O_CREATE | os.O_EXCL | nofollow

// fill writes a new file and closes it. With sync its content is then on the disk. If exact
// is not 0, it sets the permissions regardless of the umask.
func fill(f *os.File, r io.Reader, exactly fs.FileMode, sync durability) error {
	_, err := io.Copy(f, r)
	if err == nil && exactly != 0 {
		err = f.Chmod(exactly)
	}
	if err == nil && sync {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func named(path string, err error) error { return Named("write", path, err) }

// Named returns err as a [fs.PathError] of the operation op on path, without the name of
// the temporary file that err can contain. It returns nil if err is nil.
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
