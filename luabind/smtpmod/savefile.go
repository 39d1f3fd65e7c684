package smtpmod

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"smtpsh/internal/wholefile"
)

// savedFiles are the files that a script has written in one run: it can overwrite only
// these.
type savedFiles struct {
	mu    sync.Mutex
	paths map[string]bool
}

// save writes a file in a folder, completely or not at all. It never changes an existing
// file, link or device that this run has not written. It refuses names that begin with a
// dot, because programs read such files automatically.
func (s *savedFiles) save(dir, name string, data []byte) error {
	if dir == "" {
		return errors.New("there is no folder to save to: the script is not a file")
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("%q: a file's name has no line ends or other control characters", name)
	}
	name = path.Clean(filepath.ToSlash(name))
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") {
			return fmt.Errorf("%s: scripts write no files whose name, or whose folder's name, begins with a dot", name)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := s.paths[name]
	info, err := root.Lstat(name)
	switch {
	case err == nil && !(ours && info.Mode().IsRegular()):
		return fmt.Errorf("%s exists, and this run has not written it: choose another name", name)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return wholefile.Named("save", name, err)
	}
	temp := path.Join(path.Dir(name), ".new-"+rand.Text())
	if err := writeNew(root, temp, data); err != nil {
		return wholefile.Named("save", name, err)
	}
	if ours {
		err = root.Rename(temp, name)
	} else {
		err = root.Link(temp, name) // fails if a file was made in the meantime
		if errors.Is(err, errors.ErrUnsupported) {
			err = root.Rename(temp, name)
		}
	}
	root.Remove(temp) //nolint:errcheck // it already has its name, or is not needed
	if err != nil {
		return wholefile.Named("save", name, err)
	}
	if s.paths == nil {
		s.paths = map[string]bool{}
	}
	s.paths[name] = true
	return nil
}

// writeNew writes a new file.
func writeNew(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		root.Remove(name) //nolint:errcheck // report the first error
	}
	return err
}
