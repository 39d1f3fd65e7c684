package wholefile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/wholefile"
)

func TestWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := wholefile.Create(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := wholefile.Create(path, []byte("two"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	if err := wholefile.Replace(path, []byte("three"), 0o640); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	info, serr := os.Stat(path)
	if err != nil || serr != nil || string(b) != "three" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v, %v, %v", b, info, err, serr)
	}
	// the user made it readable for others before
	if err := errors.Join(os.Chmod(path, 0o644), wholefile.Replace(path, []byte("four"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	// the error has the name that the user gave
	if err := wholefile.Replace(filepath.Join(dir, "no", "file"), nil, 0o600); err == nil || strings.Contains(err.Error(), ".new-") ||
		!strings.Contains(err.Error(), filepath.Join("no", "file")) {
		t.Errorf("%v", err)
	}
	only(t, dir, "file")
}

// If a file cannot be written, the old one stays, and nothing else is left.
func TestFileThatCannotBeWritten(t *testing.T) {
	// a folder without permission to add files replaces the full disk
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 { // root can write anywhere, but a name can be too long
		path = filepath.Join(dir, strings.Repeat("x", 300))
		if err := wholefile.Replace(path, []byte("new"), 0o600); err == nil {
			t.Error("it was written")
		}
		only(t, dir, "file")
		return
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700) //nolint:errcheck // the folder disappears
	if err := wholefile.Replace(path, []byte("new"), 0o600); err == nil {
		t.Error("it was written")
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "old" {
		t.Errorf("%q, %v", b, err)
	}
	only(t, dir, "file")
}

func only(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("%v, %v", entries, err)
	}
}

// A pipe or device is written into, and a link stays a link.
func TestReplaceKeepsLinksAndPipes(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(real, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip("no links here: ", err)
	}
	if err := wholefile.Replace(link, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if b, _ := os.ReadFile(real); err != nil || info.Mode()&fs.ModeSymlink == 0 || string(b) != "new" {
		t.Errorf("%v, %v, %q", info.Mode(), err, b)
	}
	if err := wholefile.Replace(os.DevNull, []byte("new"), 0o600); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s became a file: %v, %v", os.DevNull, info, err)
	}
}

// TestCheck compares the result of Check with that of Replace, and checks that Check leaves
// no file.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, ok := range map[string]bool{
		old: true, filepath.Join(dir, "new"): true, dir: false,
		filepath.Join(dir, "no", "file"): false, filepath.Join(old, "file"): false,
		os.DevNull: true,
	} {
		perr := wholefile.Check(path)
		if b, err := os.ReadFile(old); string(b) != "old" {
			t.Fatalf("%s: the file that was there is %q, %v", path, b, err)
		}
		if (perr == nil) != ok {
			t.Errorf("%s: %v", path, perr)
		}
		if rerr := wholefile.Replace(path, []byte("old"), 0o600); (rerr == nil) != ok {
			t.Errorf("%s: %v, but to write it gives %v", path, perr, rerr)
		}
		os.Remove(filepath.Join(dir, "new"))
	}
	only(t, dir, "old")
}
