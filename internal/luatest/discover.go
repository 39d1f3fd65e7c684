package luatest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// File is a test file.
type File struct {
	Name   string // as it is shown
	Dir    string // where its modules are; "" for bundled files
	Source []byte
}

// Dialogue reports that it is a dialogue and not Lua.
func (f *File) Dialogue() bool { return strings.HasSuffix(f.Name, ".smtp") }

// maxFile bounds a test file.
const maxFile = 4 << 20

// ErrNothing is a path in which there is no test file.
var ErrNothing = errors.New("there is no test file")

// IsTest reports whether a folder's file is a test by its name.
func IsTest(name string) bool {
	return strings.HasSuffix(name, "_test.lua") || strings.HasSuffix(name, ".smtp")
}

// Discover finds the test files of paths: files by themselves, folders with all
// below them but hidden ones. bundled looks for what is not on disk. A path that
// gives nothing is an error that names it.
func Discover(paths []string, bundled func(name string) []*File) ([]*File, error) {
	var out []*File
	seen := map[string]bool{}
	for _, p := range paths {
		found, err := discover(p)
		if errors.Is(err, fs.ErrNotExist) && bundled != nil {
			if b := bundled(p); len(b) > 0 {
				found, err = b, nil
			}
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s: there is no such file or folder", p)
		case err != nil:
			return nil, err
		case len(found) == 0:
			return nil, fmt.Errorf("%s: %w in it", p, ErrNothing)
		}
		for _, f := range found {
			if !seen[f.Name] {
				seen[f.Name] = true
				out = append(out, f)
			}
		}
	}
	return out, nil
}

func discover(p string) ([]*File, error) {
	info, err := os.Stat(p)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		f, err := read(p)
		return []*File{f}, err
	}
	var names []string
	err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != p && (strings.HasPrefix(d.Name(), ".") || d.Name() == OutDir):
			return fs.SkipDir
		case !d.IsDir() && IsTest(d.Name()):
			names = append(names, path)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var out []*File
	for _, n := range names {
		f, err := read(n)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func read(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s is larger than %d octets: is it a test at all?", path, maxFile)
	}
	src, err := os.ReadFile(path)
	return &File{Name: filepath.ToSlash(path), Dir: filepath.Dir(path), Source: src}, err
}
