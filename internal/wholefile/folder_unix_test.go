//go:build unix

package wholefile_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"smtpsh/internal/wholefile"
)

// picture describes everything below a folder: name, inode, kind, permissions, content. Two
// pictures are equal only if nothing was written, replaced or shortened.
func picture(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		fmt.Fprintf(&b, "%s %d %v", path, st.Ino, info.Mode())
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %q", text)
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const mark = "-- made by smtpsh\n"

// TestPreparedFoldersOfOtherUsers puts every kind of file in the place of a file that the
// program would write, and checks by inode and content that nothing was changed.
func TestPreparedFoldersOfOtherUsers(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(at, victim string) error
		create  error // the error of Create
		replace error // the error of Replace
	}{
		{"nothing", func(string, string) error { return nil }, nil, nil},
		{"a link to a file", func(at, victim string) error { return os.Symlink(victim, at) }, fs.ErrExist, wholefile.ErrNotOurs},
		{"a link to a file of " +
			"smtpsh", func(at, victim string) error { return os.Symlink(victim+".ours", at) }, fs.ErrExist, wholefile.ErrNotOurs},
		{"a link to nothing", func(at, victim string) error { return os.Symlink(victim+".new", at) }, fs.ErrExist, wholefile.ErrNotOurs},
		{"a link to a device", func(at, _ string) error { return os.Symlink("/dev/null", at) }, fs.ErrExist, wholefile.ErrNotOurs},
		{"a second name of a file", func(at, victim string) error { return os.Link(victim, at) }, fs.ErrExist, wholefile.ErrNotOurs},
		{"a FIFO", func(at, _ string) error { return syscall.Mkfifo(at, 0o600) }, fs.ErrExist, wholefile.ErrNotOurs},
		{"a folder", func(at, _ string) error { return os.Mkdir(at, 0o700) }, fs.ErrExist, wholefile.ErrNotOurs},
		{
			"a file of another's",
			func(at, _ string) error { return os.WriteFile(at, []byte("precious"), 0o600) },
			fs.ErrExist, wholefile.ErrNotOurs,
		},
		{"an empty file", func(at, _ string) error { return os.WriteFile(at, nil, 0o600) }, fs.ErrExist, wholefile.ErrNotOurs},
		{"a file of smtpsh", func(at, _ string) error { return os.WriteFile(at, []byte(mark+"old"), 0o600) }, fs.ErrExist, nil},
		{"a second name of a file of smtpsh", func(at, victim string) error { return os.Link(victim+".ours", at) }, fs.ErrExist, nil},
	} {
		for _, over := range []bool{false, true} {
			dir, home := t.TempDir(), t.TempDir()
			victim, at := filepath.Join(home, "victim"), filepath.Join(dir, "made")
			if err := errors.Join(os.WriteFile(victim, []byte("precious"), 0o600), os.WriteFile(victim+".ours", []byte(mark+"precious"), 0o600),
				c.prepare(at, victim)); err != nil {
				t.Fatal(err)
			}
			before, there := picture(t, home), picture(t, dir)
			f, err := wholefile.OpenFolder(dir)
			if err != nil {
				t.Fatal(err)
			}
			want := c.create
			if over {
				want = c.replace
				err = f.Replace("made", mark, []byte(mark+"new"), 0o600)
			} else {
				err = f.Create("made", []byte(mark+"new"), 0o600)
			}
			if !errors.Is(err, want) {
				t.Errorf("%s, over %v: %v, want %v", c.name, over, err, want)
			}
			if err != nil && !strings.Contains(err.Error(), at) {
				t.Errorf("%s: the error does not name %s: %v", c.name, at, err)
			}
			if now := picture(t, home); now != before {
				t.Errorf("%s, over %v: it has reached outside:\n%s%s", c.name, over, before, now)
			}
			now := picture(t, dir)
			if want != nil && now != there {
				t.Errorf("%s, over %v: what was there has changed:\n%s%s", c.name, over, there, now)
			}
			if want == nil {
				if b, err := os.ReadFile(at); err != nil || string(b) != mark+"new" {
					t.Errorf("%s, over %v: %q, %v", c.name, over, b, err)
				}
			}
			if strings.Contains(now, ".new-") {
				t.Errorf("%s: a temporary file is left:\n%s", c.name, now)
			}
			f.Close()
		}
	}
}

// TestFoldersThatAreLinks makes a folder in the folder of another user.
func TestFoldersThatAreLinks(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(dir, home string) error
		want    error
	}{
		"nothing":        {func(string, string) error { return nil }, nil},
		"a folder":       {func(dir, _ string) error { return os.Mkdir(filepath.Join(dir, "made"), 0o755) }, nil},
		"a link outside": {func(dir, home string) error { return os.Symlink(home, filepath.Join(dir, "made")) }, wholefile.ErrNotOurs},
		"a link upwards": {
			func(dir, home string) error { return os.Symlink("../"+filepath.Base(home), filepath.Join(dir, "made")) },
			wholefile.ErrNotOurs,
		},
		"a link inside": {func(dir, _ string) error {
			return errors.Join(os.Mkdir(filepath.Join(dir, "other"), 0o700), os.Symlink("other", filepath.Join(dir, "made")))
		}, wholefile.ErrNotOurs},
		"a link to nothing": {func(dir, home string) error { return os.Symlink(home+"/new", filepath.Join(dir, "made")) }, wholefile.ErrNotOurs},
		"a file":            {func(dir, _ string) error { return os.WriteFile(filepath.Join(dir, "made"), nil, 0o600) }, wholefile.ErrNotOurs},
		"a FIFO":            {func(dir, _ string) error { return syscall.Mkfifo(filepath.Join(dir, "made"), 0o600) }, wholefile.ErrNotOurs},
	} {
		dir, home := t.TempDir(), t.TempDir()
		if err := errors.Join(os.WriteFile(filepath.Join(home, "victim"), []byte("precious"), 0o600), c.prepare(dir, home)); err != nil {
			t.Fatal(err)
		}
		before := picture(t, home)
		outer, err := wholefile.OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		f, err := outer.Make("made", 0o700)
		if !errors.Is(err, c.want) || c.want != nil && f != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil {
			if err := f.Create("file", []byte("x"), 0o600); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			f.Close()
		}
		if now := picture(t, home); now != before {
			t.Errorf("%s: it has reached outside:\n%s%s", name, before, now)
		}
		outer.Close()
	}
}

// TestNamesCannotLeaveFolder tries names that lead out of the folder.
func TestNamesCannotLeaveFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := wholefile.OpenFolder(filepath.Join(dir, "in"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before := picture(t, dir)
	for _, name := range []string{"../out", filepath.Join(dir, "out"), "..", "."} {
		if err := f.Create(name, []byte("x"), 0o600); err == nil {
			t.Errorf("%s was written", name)
		}
		if err := f.Replace(name, "", []byte("x"), 0o600); err == nil {
			t.Errorf("%s was written", name)
		}
		if _, err := f.Make(name, 0o700); err == nil && name != "." {
			t.Errorf("%s was made", name)
		}
	}
	if now := picture(t, dir); now != before {
		t.Errorf("it has reached outside:\n%s%s", before, now)
	}
}

// TestClear removes a link and not its target.
func TestClear(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	victim := filepath.Join(home, "001-victim.txt")
	for _, err := range []error{
		os.WriteFile(victim, []byte("precious"), 0o600),
		os.Symlink(victim, filepath.Join(dir, "001-link.txt")),
		os.WriteFile(filepath.Join(dir, "002-old.txt"), nil, 0o600),
		os.WriteFile(filepath.Join(dir, "stays.txt"), nil, 0o600),
		os.Mkdir(filepath.Join(dir, "003-folder.txt"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	before := picture(t, home)
	f, err := wholefile.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.Clear("[0-9][0-9][0-9]-*.txt")
	if now := picture(t, home); now != before {
		t.Errorf("it has reached outside:\n%s%s", before, now)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if want := []string{
		filepath.Join(dir, "003-folder.txt"), filepath.Join(dir, "stays.txt"),
	}; err != nil || fmt.Sprint(left) != fmt.Sprint(want) {
		t.Errorf("%v, %v", left, err)
	}
}

// hang is a limit that no step may reach; it is not a measurement.
const hang = 20 * time.Second

func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { f(); close(done) }()
	select {
	case <-done:
	case <-time.After(hang):
		t.Fatalf("%s: nothing has happened for %v", what, hang)
	}
}

// TestFIFOs writes to a FIFO without a reader, to one with a reader, and to one whose
// reader does not read.
func TestFIFOs(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, "no reader", func() {
		if err := wholefile.Replace(fifo, []byte("x"), 0o600); !errors.Is(err, wholefile.ErrNoReader) || !strings.Contains(err.Error(), fifo) {
			t.Errorf("%v", err)
		}
		if _, err := wholefile.Append(t.Context(), fifo, 0o600); !errors.Is(err, wholefile.ErrNoReader) {
			t.Errorf("%v", err)
		}
	})
	reader, err := os.OpenFile(fifo, os.O_RDWR, 0) // open for both, so that nothing waits
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	within(t, "a reader", func() {
		if err := wholefile.Replace(fifo, []byte("one "), 0o600); err != nil {
			t.Error(err)
		}
		f, err := wholefile.Append(t.Context(), fifo, 0o600)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		b := make([]byte, 7)
		if _, err := io.WriteString(f, "two"); err != nil {
			t.Error(err)
		} else if _, err := io.ReadFull(reader, b); err != nil || string(b) != "one two" {
			t.Errorf("%q, %v", b, err)
		}
	})
	within(t, "a reader that does not read", func() {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		f, err := wholefile.Append(ctx, fifo, 0o600)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		stop()
		if _, err := f.Write(make([]byte, 1<<20)); err == nil {
			t.Error("it was written")
		}
	})
}

// TestAppend keeps the content, follows links that the user made, and makes files that
// other users cannot read.
func TestAppend(t *testing.T) {
	dir := t.TempDir()
	old, link := filepath.Join(dir, "old"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(old, []byte("one "), 0o644), os.Chmod(old, 0o644), os.Symlink("old", link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, filepath.Join(dir, "new"), os.DevNull} {
		f, err := wholefile.Append(t.Context(), path, 0o600)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if _, err := io.WriteString(f, "two"); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		f.Close()
	}
	for name, want := range map[string]string{"old": "-rw-r--r-- one two", "new": "-rw------- two"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		info, serr := os.Stat(filepath.Join(dir, name))
		if err != nil || serr != nil || fmt.Sprint(info.Mode(), " ", string(b)) != want {
			t.Errorf("%s: %v %q, want %s", name, info.Mode(), b, want)
		}
	}
	if _, err := wholefile.Append(t.Context(), dir, 0o600); err == nil {
		t.Error("a folder was opened")
	}
}

// TestPermissionsAreKept: only for files of the user. A file with a second name can have
// been prepared by another user.
func TestPermissionsAreKept(t *testing.T) {
	dir := t.TempDir()
	mine, second := filepath.Join(dir, "mine"), filepath.Join(dir, "second")
	if err := errors.Join(os.WriteFile(mine, nil, 0o600), os.Chmod(mine, 0o666), os.Link(mine, second)); err != nil {
		t.Fatal(err)
	}
	if err := wholefile.Replace(second, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{mine: 0o666, second: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}
