package nearby

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// errNotOurs is a folder that another user could write to.
var errNotOurs = errors.New("it does not belong to this user alone")

// Announce writes a record into a folder, which it makes, until it is withdrawn. Records
// of sandboxes that are gone are cleared away.
func Announce(dir string, r Record) (withdraw func(), err error) {
	if err := own(dir); err != nil {
		return nil, err
	}
	clear(dir)
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "new-*") // with permissions for this user alone
	if err != nil {
		return nil, err
	}
	fail := func(err error) (func(), error) {
		f.Close()
		os.Remove(f.Name()) //nolint:errcheck // the first error is the one to tell
		return nil, err
	}
	if err := lock(f); err != nil { // before it has its name, so that it never looks dead
		return fail(err)
	}
	if _, err := f.Write(b); err != nil {
		return fail(err)
	}
	path := f.Name() + ending
	if err := os.Rename(f.Name(), path); err != nil {
		return fail(err)
	}
	return func() {
		os.Remove(path) //nolint:errcheck // without its lock it counts for nothing
		f.Close()
	}, nil
}

// own makes a folder for this user, or checks that it is one.
func own(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ours(info) || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s: %w", dir, errNotOurs)
	}
	return nil
}

// clear takes away the records of sandboxes that ended without doing so.
func clear(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || !strings.HasPrefix(e.Name(), "new-") {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if strings.HasSuffix(path, ending) && !isLocked(f) {
			os.Remove(path) //nolint:errcheck // it counts for nothing anyway
		}
		f.Close()
	}
}
