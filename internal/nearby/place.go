package nearby

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxPlaces is the largest number of sandboxes of a user with files of the same name.
const maxPlaces = 1000

// Place writes content to NAME.pem in a folder of this user, which it creates. If another
// running sandbox uses that name, the file is NAME-2.pem, and so on up to maxPlaces. The
// file has mode 0600. remove removes it. If the program is killed before that, the next
// sandbox uses the same file again, so that old files do not accumulate.
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
			os.Remove(path) //nolint:errcheck // the next sandbox uses it again
			f.Close()
		}
		if _, err := f.Write(content); err != nil {
			remove()
			return "", nil, err
		}
		return path, remove, nil
	}
	return "", nil, fmt.Errorf("%s: %d sandboxes already have a file here", dir, maxPlaces)
}

// claim opens a file that no running sandbox uses, and truncates it. It returns nil if the
// file is in use, is a symbolic link or belongs to another user.
func claim(path string) *os.File {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|noFollow, 0o600)
	if err != nil {
		return nil
	}
	if lock(f) == nil { //mutant:sandboxes-leave-each-others-authority-alone always
		info, err := f.Stat()
		named, lerr := os.Lstat(path) // a process that held the lock can have removed the file
		if err == nil && lerr == nil && info.Mode().IsRegular() && ours(info) && os.SameFile(info, named) && f.Chmod(0o600) == nil &&
			f.Truncate(0) == nil {
			return f
		}
	}
	f.Close()
	return nil
}
