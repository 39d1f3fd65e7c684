//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package nearby_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/nearby"
)

var record = nearby.Record{
	Profile: "plain", Listens: []string{"127.0.0.1:2525", "[::1]:2526"}, CA: "pem",
	From: "a", To: "b", Login: []string{"127.0.0.1:2525"},
}

// announced announces the record in a new folder.
func announced(t *testing.T) (dir string, withdraw func()) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "deep", "sandboxes")
	withdraw, err := nearby.Announce(dir, record)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(withdraw)
	return dir, withdraw
}

// file returns the path of the only record in a folder.
func file(t *testing.T, dir string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

func found(dir string) bool { return (&nearby.Finder{Dir: dir}).Find("127.0.0.1", 2525) != nil }

func TestFindsOnlyItsAddresses(t *testing.T) {
	dir, withdraw := announced(t)
	f := &nearby.Finder{Dir: dir}
	for _, row := range []struct {
		host string
		port int
		want bool
	}{
		{"127.0.0.1", 2525, true}, {"::ffff:127.0.0.1", 2525, true},
		{"localhost", 2525, true}, {"LocalHost.", 2526, true}, {"::1", 2526, true},
		{"127.0.0.1", 2526, false}, {"::1", 2525, false}, {"127.0.0.2", 2525, false},
		{"localhost", 25, false}, {"mx.example.org", 2525, false},
		{"192.0.2.1", 2525, false}, {"", 2525, false},
		{"127.0.0.1.example.org", 2525, false},
	} {
		if r := f.Find(row.host, row.port); (r != nil) != row.want {
			t.Errorf("%s, %d: %+v", row.host, row.port, r)
		}
	}
	if r := f.Find("127.0.0.1", 2525); r.CA != "pem" || r.To != "b" || !r.Requires("127.0.0.1", 2525) || r.Requires("::1", 2526) {
		t.Errorf("%+v", r)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(file(t, dir)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	withdraw()
	if f.Find("127.0.0.1", 2525) != nil { // the same Finder must not use its cache
		t.Error("found after the sandbox ended")
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("left behind: %v", list)
	}
	if (*nearby.Finder)(nil).Find("127.0.0.1", 2525) != nil || (&nearby.Finder{}).Find("127.0.0.1", 2525) != nil {
		t.Error("found without a folder")
	}
}

// TestIgnoresRecordsOfOtherUsers tries files that another user or an accident can leave
// in the folder.
func TestIgnoresRecordsOfOtherUsers(t *testing.T) {
	chmod := func(t *testing.T, path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	chown := func(t *testing.T, path string) {
		t.Helper()
		if os.Geteuid() != 0 {
			t.Skip("only root can give a file away")
		}
		if err := os.Chown(path, 12345, 12345); err != nil {
			t.Skip(err)
		}
	}
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"the folder is writable for the group": func(t *testing.T, dir string) { chmod(t, dir, 0o770) },
		"the folder is writable for everybody": func(t *testing.T, dir string) { chmod(t, dir, 0o707) },
		"the folder was replaced user's":       func(t *testing.T, dir string) { chown(t, dir) },
		"the file is another user's":           func(t *testing.T, dir string) { chown(t, file(t, dir)) },
		"the file can be read by others":       func(t *testing.T, dir string) { chmod(t, file(t, dir), 0o604) },
		"the file can be written by the group": func(t *testing.T, dir string) { chmod(t, file(t, dir), 0o620) },
		"the folder is a link": func(t *testing.T, dir string) {
			if err := os.Rename(dir, dir+"2"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(dir+"2", dir); err != nil {
				t.Fatal(err)
			}
		},
		"the file is a link": func(t *testing.T, dir string) {
			path := file(t, dir)
			if err := os.Rename(path, dir+".elsewhere"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(dir+".elsewhere", path); err != nil {
				t.Fatal(err)
			}
		},
		"nobody holds the lock": func(t *testing.T, dir string) {
			path := file(t, dir)
			b, err := os.ReadFile(path)
			if err == nil {
				err = os.Remove(path)
			}
			if err == nil {
				err = os.WriteFile(path, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"it is too long": func(t *testing.T, dir string) {
			if err := os.Truncate(file(t, dir), 1<<20); err != nil {
				t.Fatal(err)
			}
		},
		"it is not a record": func(t *testing.T, dir string) {
			if err := os.Truncate(file(t, dir), 10); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := announced(t)
			if !found(dir) {
				t.Fatal("not found before")
			}
			spoil(t, dir)
			if found(dir) {
				t.Error("the record is trusted")
			}
		})
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := nearby.Announce(dir, record); err == nil || !strings.Contains(err.Error(), "only this user can write to") {
		t.Errorf("announced in a folder that everybody can write to: %v", err)
	}
}

// TestAnnounceRemovesDeadRecords removes the record of a sandbox that was killed.
func TestAnnounceRemovesDeadRecords(t *testing.T) {
	dir, _ := announced(t)
	living := file(t, dir)
	dead := filepath.Join(dir, "new-dead.sandbox")
	other := filepath.Join(dir, "notes.txt")
	for _, path := range []string{dead, other} {
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	withdraw, err := nearby.Announce(dir, nearby.Record{Listens: []string{"127.0.0.1:3000"}})
	if err != nil {
		t.Fatal(err)
	}
	defer withdraw()
	for path, want := range map[string]bool{living: true, dead: false, other: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
	f := &nearby.Finder{Dir: dir}
	if f.Find("127.0.0.1", 2525) == nil || f.Find("127.0.0.1", 3000) == nil {
		t.Error("one of two is not found")
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:25": "127.0.0.1:25", "0.0.0.0:25": "127.0.0.1:25",
		"[::]:25": "127.0.0.1:25 [::1]:25", "[::1]:25": "[::1]:25", "192.0.2.1:25": "",
		"[fe80::1]:25": "",
	} {
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(nearby.Loopback(a), " "); got != want {
			t.Errorf("%s: %q", addr, got)
		}
	}
}
