package wholefile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// ErrNotOurs is the error for a name where the program would make a file or folder, but
// finds a link, a device, or a file that it has not written.
var ErrNotOurs = errors.New("something that smtpsh did not create is there, and is kept")

// Folder is a folder that another user can have prepared. Names in it are names of files,
// without a slash. Folder never writes through a link, into a pipe or a device, or over a
// file that the program has not made. It never shortens a file: a new file replaces the old
// one.
type Folder struct {
	root *os.Root
	path string // for errors
}

// OpenFolder opens a folder that the user named; a link to it is followed. Close it.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Named("open", dir, err)
	}
	return &Folder{root, dir}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Path returns a name with the path of the folder.
func (f *Folder) Path(name string) string { return filepath.Join(f.path, name) }

// Make opens a folder in this one. It makes the folder with the permissions perm if it does
// not exist. A link in its place is [ErrNotOurs], wherever it leads. Close the folder.
func (f *Folder) Make(name string, perm fs.FileMode) (*Folder, error) {
	at := f.Path(name)
	if err := f.root.Mkdir(name, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, Named("make", at, err)
	}
	return f.Open(name)
}

// Open opens an existing folder in this one, like [Folder.Make].
func (f *Folder) Open(name string) (*Folder, error) {
	at := f.Path(name)
	before, err := f.root.Lstat(name)
	if err != nil {
		return nil, Named("open", at, err)
	}
	if !before.IsDir() { //mutant:no-link-leads-out-of-a-folder-of-somebody-elses never
		return nil, &fs.PathError{Op: "open", Path: at, Err: ErrNotOurs}
	}
	root, err := f.root.OpenRoot(name)
	if err != nil {
		return nil, Named("open", at, err)
	}
	if now, err := root.Stat("."); err != nil || !os.SameFile(before, now) { // a link was made in the meantime
		root.Close()
		return nil, Named("open", at, errors.Join(err, errChanged))
	}
	return &Folder{root, at}, nil
}

// Create writes a new file. If the name exists, the error is fs.ErrExist.
func (f *Folder) Create(name string, content []byte, perm fs.FileMode) error {
	return f.put(name, content, perm, refuseExisting)
}

// Replace writes a file. It replaces an existing file only if it begins with mark, so that
// this program has written it. Otherwise the error is [ErrNotOurs].
func (f *Folder) Replace(name string, mark string, content []byte, perm fs.FileMode) error {
	switch made, err := f.made(name, mark); {
	case errors.Is(err, fs.ErrNotExist):
		return f.put(name, content, perm, refuseExisting)
	case err != nil:
		return Named("write", f.Path(name), err)
	case !made: //mutant:what-smtpsh-has-not-made-is-not-written-over is "made" "made && false"
		return &fs.PathError{Op: "write", Path: f.Path(name), Err: ErrNotOurs}
	}
	return f.put(name, content, perm, replaceExisting)
}

// Made reports whether a file of this name exists and begins with mark.
func (f *Folder) Made(name, mark string) bool {
	made, err := f.made(name, mark)
	return made && err == nil
}

func (f *Folder) made(name, mark string) (bool, error) {
	before, err := f.root.Lstat(name)
	if err != nil || !before.Mode().IsRegular() {
		return false, err
	}
	file, err := f.root.OpenFile(name, os.O_RDONLY|nonblock|nofollow, 0)
	if err != nil {
		return false, err
	}
	defer file.Close()
	if now, err := file.Stat(); err != nil || !os.SameFile(before, now) {
		return false, err
	}
	head := make([]byte, len(mark))
	n, err := io.ReadFull(file, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return bytes.Equal(head[:n], []byte(mark)), err
}

// existing tells what happens to an existing file.
type existing bool

const (
	replaceExisting existing = true
	refuseExisting  existing = false
)

// put gives a new file its name.
func (f *Folder) put(name string, content []byte, perm fs.FileMode, over existing) error {
	fail := func(err error) error { return named(f.Path(name), err) }
	if !over {
		if _, err := f.root.Lstat(name); err == nil {
			return fail(fs.ErrExist)
		}
	}
	tmp := temporary()
	file, err := f.root.OpenFile(tmp, newFile, perm)
	if err != nil {
		return fail(err)
	}
	defer f.root.Remove(tmp) //nolint:errcheck // it already has its name, or is not needed
	if err := fill(file, bytes.NewReader(content), 0, synced); err != nil {
		return fail(err)
	}
	if over {
		return fail(f.root.Rename(tmp, name)) // replace a link, do not write through it
	}
	err = f.root.Link(tmp, name) // fails if the name was made in the meantime
	if err == nil || errors.Is(err, fs.ErrExist) {
		return fail(err)
	}
	// a file system without hard links: first reserve the name, then replace it
	taken, err := f.root.OpenFile(name, newFile, perm)
	if err != nil {
		return fail(err)
	}
	taken.Close()
	return fail(f.root.Rename(tmp, name))
}

// Clear removes the files whose names match a pattern of [path.Match]. It removes a link,
// not its target. Files that cannot be removed stay.
func (f *Folder) Clear(pattern string) {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		if ok, err := path.Match(pattern, e.Name()); err == nil && ok && !e.IsDir() {
			f.root.Remove(e.Name()) //nolint:errcheck // see above
		}
	}
}
