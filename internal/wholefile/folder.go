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

// ErrNotOurs is what stands in the way of a file or a folder that the program would make:
// a link, a device, a file that the program has not written.
var ErrNotOurs = errors.New("something that smtpsh did not create is there, and is kept")

// Folder is a folder that somebody else may have prepared. Names in it are those of one
// file, without a slash. Nothing is written through a link, into a pipe or a device, or
// over a file that the program has not made, and files are never shortened: a new one
// takes the place of the old one.
type Folder struct {
	root *os.Root
	path string // for errors
}

// OpenFolder opens a folder that the user has named, so that a link to it is followed.
// Close it.
func OpenFolder(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, Named("open", dir, err)
	}
	return &Folder{root, dir}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Path is a name in the folder with the path to it.
func (f *Folder) Path(name string) string { return filepath.Join(f.path, name) }

// Make opens a folder in this one, and makes it with the permissions perm when it is not
// there. A link in its place is [ErrNotOurs], wherever it leads. Close the folder.
func (f *Folder) Make(name string, perm fs.FileMode) (*Folder, error) {
	at := f.Path(name)
	if err := f.root.Mkdir(name, perm); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, Named("make", at, err)
	}
	return f.Open(name)
}

// Open opens a folder in this one, as [Folder.Make] does, that must be there.
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
	if now, err := root.Stat("."); err != nil || !os.SameFile(before, now) { // a link has come meanwhile
		root.Close()
		return nil, Named("open", at, errors.Join(err, errChanged))
	}
	return &Folder{root, at}, nil
}

// Create writes a file that must not be there yet; else the error is fs.ErrExist.
func (f *Folder) Create(name string, content []byte, perm fs.FileMode) error {
	return f.put(name, content, perm, refuseExisting)
}

// Replace is Create, and takes the place of a file that begins with mark: this program
// has written it then. Anything else is [ErrNotOurs].
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

// Made reports whether there is a file of this name that begins with mark.
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

// existing says what happens to a file that is there.
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
	defer f.root.Remove(tmp) //nolint:errcheck // it has its name, or is not wanted
	if err := fill(file, bytes.NewReader(content), 0, synced); err != nil {
		return fail(err)
	}
	if over {
		return fail(f.root.Rename(tmp, name)) // in the place of a link, not through it
	}
	err = f.root.Link(tmp, name) // fails where something has come meanwhile
	if err == nil || errors.Is(err, fs.ErrExist) {
		return fail(err)
	}
	// a file system without links: the name is taken first, then given away
	taken, err := f.root.OpenFile(name, newFile, perm)
	if err != nil {
		return fail(err)
	}
	taken.Close()
	return fail(f.root.Rename(tmp, name))
}

// Clear removes the files whose names match a pattern of [path.Match]. Of a link it
// removes the link. What cannot be removed stays.
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
