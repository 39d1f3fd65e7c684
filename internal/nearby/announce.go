package nearby

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// errNotOurs is returned for a folder that another user owns or can write to.
var errNotOurs = errors.New("not a folder that only this user can write to")

// Announce writes a record into a folder, which it creates, and removes the records of
// sandboxes that have ended. withdraw removes the record. Announce returns an error if
// another user can write to the folder.
func Announce(dir string, r Record) (withdraw func(), err error) {
	if err := own(dir); err != nil {
		return nil, err
	}
	clear(dir)
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "new-*") // the file has mode 0600
	if err != nil {
		return nil, err
	}
	fail := func(err error) (func(), error) {
		f.Close()
		os.Remove(f.Name()) //nolint:errcheck // the first error is returned
		return nil, err
	}
	if err := lock(f); err != nil { // lock it before it has its final name: an unlocked record counts as dead
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
		os.Remove(path) //nolint:errcheck // a record without a lock is ignored
		f.Close()
	}, nil
}

// own creates a folder for this user, or checks that only this user can write to it.
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

// clear removes the records of sandboxes that ended without removing them.
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
			os.Remove(path) //nolint:errcheck // a record without a lock is ignored
		}
		f.Close()
	}
}
