package testrun

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"smtpsh/internal/readfile"
)

// File is a test file.
type File struct {
	Name   string // as reports show it
	Dir    string // folder in which require looks for modules; "" for bundled files
	Source []byte
	// Bundled reports that smtpsh contains the file; failures do not show its source.
	Bundled bool
	// OwnServers reports that the file names its own servers instead of the target of the run.
	OwnServers bool
	// Lines chooses the tests at these lines; nil chooses all.
	Lines []int
}

// maxFile limits a test file, in bytes.
const maxFile = 4 << 20

// ErrNothing reports a path without test files.
var ErrNothing = errors.New("no test file found")

// MissingError reports an argument that names no file, folder or bundled suite.
type MissingError struct{ Path string }

// Error names it.
func (e *MissingError) Error() string { return e.Path + ": no such file or folder" }

// Discover returns the test files of paths. A path is a file, FILE:LINE for the tests at a
// line, or a folder, which is searched recursively except for hidden folders. bundled
// returns the files of a bundled suite for a path that is not on disk. The error is a
// [*MissingError] if a path does not exist, or wraps [ErrNothing] if it has no test file.
func Discover(sources []Source, paths []string, bundled func(name string) []*File) ([]*File, error) {
	var out []*File
	seen := map[string]*File{}
	for _, p := range paths {
		found, err := lookFor(sources, p, bundled)
		if file, line, ok := ParsePlace(p); ok && errors.Is(err, fs.ErrNotExist) {
			if found, err = lookFor(sources, file, bundled); err == nil {
				for _, f := range found {
					f.Lines = []int{line}
				}
			}
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, &MissingError{p}
		case err != nil:
			return nil, err
		case len(found) == 0:
			return nil, fmt.Errorf("%s: %w in it", p, ErrNothing)
		}
		for _, f := range found {
			old := seen[f.Name]
			switch {
			case old == nil:
				seen[f.Name] = f
				out = append(out, f)
			case f.Lines == nil: // the whole file was named as well
				old.Lines = nil
			case old.Lines != nil:
				old.Lines = append(old.Lines, f.Lines...)
			}
		}
	}
	return out, nil
}

func lookFor(sources []Source, p string, bundled func(name string) []*File) ([]*File, error) {
	found, err := discover(sources, p)
	if errors.Is(err, fs.ErrNotExist) && bundled != nil {
		if b := bundled(p); len(b) > 0 {
			return b, nil
		}
	}
	return found, err
}

// ParsePlace splits FILE:LINE. Lines count from 1.
func ParsePlace(s string) (file string, line int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 1 {
		return "", 0, false
	}
	line, err := strconv.Atoi(s[i+1:])
	return s[:i], line, err == nil && line > 0 && s[i+1] != '+'
}

func discover(sources []Source, p string) ([]*File, error) {
	info, err := os.Stat(p)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		f, err := read(p)
		if err != nil {
			return nil, err
		}
		return []*File{f}, nil
	}
	var names []string
	err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != p && (strings.HasPrefix(d.Name(), ".") || d.Name() == OutDir):
			return fs.SkipDir
		case !d.IsDir() && slices.ContainsFunc(sources, func(s Source) bool { return s.Named(d.Name()) }):
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

// read reads a regular file only: reading a device or a pipe might block.
func read(path string) (*File, error) {
	src, err := readfile.Read(context.Background(), path, readfile.Rule{Limit: maxFile})
	if errors.As(err, new(*readfile.SizeError)) {
		err = fmt.Errorf("%w; check that the file is a test", err)
	}
	if err != nil {
		return nil, err
	}
	return &File{Name: filepath.ToSlash(path), Dir: filepath.Dir(path), Source: src}, nil
}
