//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package nearby_test

import (
	"os"
	"path/filepath"
	"testing"

	"smtpsh/internal/nearby"
)

// TestPlaceReusesFilesOfDeadSandboxes: two sandboxes get different files, and a third one
// gets the file of a sandbox that has ended.
func TestPlaceReusesFilesOfDeadSandboxes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "sandboxes")
	place := func(want, content string) func() {
		t.Helper()
		path, remove, err := nearby.Place(dir, "ca", []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil || string(b) != content || path != filepath.Join(dir, want) {
			t.Errorf("%s has %q, %v; want %s", path, b, err, want)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		return remove
	}
	first := place("ca.pem", "the first authority, which is long")
	second := place("ca-2.pem", "two")
	if b, err := os.ReadFile(filepath.Join(dir, "ca.pem")); err != nil || string(b) != "the first authority, which is long" {
		t.Errorf("the second sandbox changed the first one's file: %q, %v", b, err)
	}
	first()
	third := place("ca.pem", "three")
	second()
	third()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	// the file of a killed sandbox is used again; links and directories are not
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("of a sandbox that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	place("ca.pem", "four")()
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(dir, "ca.pem")); err != nil {
		t.Fatal(err)
	}
	place("ca-2.pem", "five")()
	if b, err := os.ReadFile(victim); err != nil || string(b) != "precious" {
		t.Errorf("written through a link: %q, %v", b, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	// a folder that other users can write to is not used
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if path, _, err := nearby.Place(dir, "ca", nil); err == nil {
		t.Errorf("%s is in a folder for everybody", path)
	}
}
