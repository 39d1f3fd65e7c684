package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"smtpsh/internal/wholefile"
)

// reportFlag is a flag that names files that are written at the end of a run.
type reportFlag struct {
	name  string
	paths []string
}

// checkReports returns an error for files that cannot be written, before the run: a run of
// an hour must not end with "no such folder".
func checkReports(flags ...reportFlag) error {
	for _, f := range flags {
		for _, path := range f.paths {
			if path == "-" {
				continue
			}
			if err := wholefile.Check(path); err != nil {
				return &usageError{
					err:  fmt.Errorf("%s: %w", f.name, err),
					hint: "name a file in a writable folder with free disk space; nothing was run",
				}
			}
		}
	}
	return nil
}

// checkFolder returns an error for a folder that cannot be made or written.
func checkFolder(flag, dir string) error {
	folder := dir
	for {
		info, err := os.Stat(folder)
		if err == nil && !info.IsDir() {
			return &usageError{err: fmt.Errorf("%s: %s is a file", flag, folder), hint: "name a folder; nothing was run"}
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) || filepath.Dir(folder) == folder {
			break
		}
		folder = filepath.Dir(folder)
	}
	if err := wholefile.Check(filepath.Join(folder, ".smtpsh-check")); err != nil {
		return &usageError{
			err:  fmt.Errorf("%s: %s cannot be written: %w", flag, dir, errors.Unwrap(err)),
			hint: "name a writable folder; nothing was run",
		}
	}
	return nil
}
