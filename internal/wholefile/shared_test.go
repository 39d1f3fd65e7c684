//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

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

// failing is a reader that fails in the middle, like a disk.
type failing struct{ n int }

func (f *failing) Read(p []byte) (int, error) {
	if f.n++; f.n > 3 {
		return 0, errors.New("the source is gone")
	}
	return len(p), nil
}

// TestCreateFrom overwrites nothing, follows no link, and leaves no incomplete file.
func TestCreateFrom(t *testing.T) {
	dir := t.TempDir()
	path, victim, link := filepath.Join(dir, "1.eml"), filepath.Join(dir, "victim"), filepath.Join(dir, "2.eml")
	for _, sync := range []bool{false, true} {
		os.Remove(path)
		if err := wholefile.CreateFrom(path, strings.NewReader("one"), 0o600, sync); err != nil {
			t.Fatal(err)
		}
		if err := wholefile.CreateFrom(path, strings.NewReader("two"), 0o600, sync); !errors.Is(err, fs.ErrExist) {
			t.Errorf("it is there already: %v", err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != "one" {
			t.Errorf("%q, %v", b, err)
		}
		if err := os.Symlink(victim, link); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
		if err := wholefile.CreateFrom(link, strings.NewReader("two"), 0o600, sync); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a link that leads nowhere: %v", err)
		}
		if err := wholefile.CreateFrom(filepath.Join(dir, "3.eml"), &failing{}, 0o600, sync); err == nil ||
			!strings.Contains(err.Error(), "the source is gone") {
			t.Errorf("half a source: %v", err)
		}
		if err := wholefile.CreateFrom(filepath.Join(path, "4.eml"), strings.NewReader("x"), 0o600, sync); err == nil ||
			errors.Is(err, fs.ErrExist) {
			t.Errorf("below a file: %v", err)
		}
	}
	if err := wholefile.SyncFolder(dir); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestReplaceOwnInASharedFolder puts links and pipes in the place of a file, in a folder
// that everybody can write.
func TestReplaceOwnInASharedFolder(t *testing.T) {
	home, shared := t.TempDir(), t.TempDir()
	if err := os.Chmod(shared, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	victim := filepath.Join(home, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	write := func(path string) error { return wholefile.ReplaceOwn(path, []byte("authority"), 0o644) }
	is := func(path, want string) {
		t.Helper()
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
	link := func(to, at string) string {
		t.Helper()
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	// a link in the shared folder is not followed, whoever made it
	if err := write(link(victim, filepath.Join(shared, "ca.pem"))); err == nil ||
		!strings.Contains(err.Error(), "other users can write to its folder") {
		t.Errorf("%v", err)
	}
	is(victim, "precious")
	// files are replaced there, and new ones written
	for _, name := range []string{"new.pem", "new.pem"} {
		if err := write(filepath.Join(shared, name)); err != nil {
			t.Error(err)
		}
		is(filepath.Join(shared, name), "authority")
	}
	// in the user's own folder a link is followed
	if err := write(link(filepath.Join(home, "real"), filepath.Join(home, "mine"))); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(home, "real2"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(link(filepath.Join(home, "real2"), filepath.Join(home, "mine2"))); err != nil {
		t.Error(err)
	}
	is(filepath.Join(home, "real2"), "authority")
	if err := write(filepath.Join(home, "no", "ca.pem")); err == nil {
		t.Error("a folder that is not there")
	}
	// links of other users are not followed anywhere in the path
	if os.Geteuid() != 0 {
		t.Log("only root can make links for other users: that part is not tried")
		return
	}
	foreign := link(home, filepath.Join(shared, "folder"))
	if err := os.Lchown(foreign, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"victim", "another"} {
		if err := write(filepath.Join(foreign, name)); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
			t.Errorf("%v", err)
		}
	}
	is(victim, "precious")
}
