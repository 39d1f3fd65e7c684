package nearby

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxPlaces is how many sandboxes of a user can have a file of the same name at once.
const maxPlaces = 1000

// Place writes content into a folder of this user, which it makes, as NAME.pem, or as
// NAME-2.pem and so on where another sandbox that runs uses that. The file is for this
// user alone, and is there until remove is called. If the program is killed before that,
// the next one uses the same file again, so that nothing accumulates.
func Place(dir, name string, content []byte) (path string, remove func(), err error) {
	if err := own(dir); err != nil {
		return "", nil, err
	}
	for n := 1; n <= maxPlaces; n++ {
		path = filepath.Join(dir, name+".pem")
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d.pem", name, n))
		}
		f := claim(path)
		if f == nil {
			continue
		}
		remove = func() {
			os.Remove(path) //nolint:errcheck // the next sandbox takes it over
			f.Close()
		}
		if _, err := f.Write(content); err != nil {
			remove()
			return "", nil, err
		}
		return path, remove, nil
	}
	return "", nil, fmt.Errorf("%s: %d sandboxes have a file here already", dir, maxPlaces)
}

// claim opens a file that no running sandbox uses, and empties it; nil when it cannot be
// used. Only the files of this user are, and no links.
func claim(path string) *os.File {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil
	}
	if lock(f) == nil { //mutant:sandboxes-leave-each-others-authority-alone always
		info, err := f.Stat()
		named, lerr := os.Lstat(path) // whoever removed it meanwhile had the lock before
		if err == nil && lerr == nil && info.Mode().IsRegular() && ours(info) && os.SameFile(info, named) && f.Chmod(0o600) == nil &&
			f.Truncate(0) == nil {
			return f
		}
	}
	f.Close()
	return nil
}
