//go:build unix

package redteam_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSavedOrRefused sends messages until the disk is full, and after the folder was
// removed: each message is either completely in a file, or was rejected with 452.
func TestSavedOrRefused(t *testing.T) {
	for _, tt := range []struct {
		name, before string
		flags        []string
		size         int // bytes of each message
		remove       bool
		refused      bool
	}{
		{"with room", "", nil, 3000, false, false},
		{"with room and sync", "", []string{"--save-sync"}, 3000, false, false},
		{"files that just fit", "ulimit -f 8", nil, 3000, false, false}, // blocks of 512 bytes for each file
		{"too large for it", "ulimit -f 8", nil, 30000, false, true},
		{"too large for it, with sync", "ulimit -f 8", []string{"--save-sync"}, 30000, false, true},
		{"no room for temporary files", "ulimit -f 400", nil, 600000, false, true},
		{"removed folder", "", nil, 3000, true, true},
		{"removed folder, with sync", "", []string{"--save-sync"}, 3000, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "saved")
			s := run(t, tt.before, append([]string{"--quiet", "--save", dir}, tt.flags...)...)
			if tt.remove {
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
			c, err := dial(t.Context(), s.word("mx"), "")
			if err != nil {
				t.Fatal(err)
			}
			if err := c.want("250", "EHLO me"); err != nil {
				t.Fatal(err)
			}
			accepted := 0
			for i := range 5 {
				r, err := c.send(fmt.Sprintf("Subject: %d\r\n\r\n%s", i, text(tt.size)))
				switch {
				case err != nil:
					t.Fatal(err)
				case strings.HasPrefix(r, "250"):
					accepted++
				case !strings.HasPrefix(r, "452 4.3.1"):
					t.Errorf("message %d: %s", i, r)
				}
			}
			c.nc.Close()
			status := s.stop()
			whole, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
			for _, path := range whole {
				b, err := os.ReadFile(path)
				if err != nil || len(b) < tt.size || !strings.HasSuffix(string(b), "x\r\n") {
					t.Errorf("%s has %d bytes, %v", path, len(b), err)
				}
				if _, err := os.Stat(strings.TrimSuffix(path, ".eml") + ".envelope"); err != nil {
					t.Error(err)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
				t.Errorf("temporary files remain: %v", left)
			}
			if len(whole) != accepted {
				t.Errorf("%d messages were accepted, %d are on the disk", accepted, len(whole))
			}
			said := s.console()
			if tt.refused {
				if accepted > 0 {
					t.Errorf("%d messages were accepted", accepted)
				}
				if tt.before != "ulimit -f 400" && (status == 0 || !strings.Contains(said, "5 messages were not saved and were rejected with 452: ")) {
					t.Errorf("status %d:\n%s", status, said)
				}
				if !strings.Contains(said, " with 452") {
					t.Errorf("the console does not report it:\n%s", said)
				}
			} else if accepted != 5 || status != 0 {
				t.Errorf("status %d, %d accepted:\n%s", status, accepted, said)
			}
		})
	}
}

// TestSavedBesideManyFiles begins in a folder of an earlier run and continues its numbers,
// through no link and over no file.
func TestSavedBesideManyFiles(t *testing.T) {
	dir, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	for n := 1; n <= 30000; n++ {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(n, ".eml")), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := run(t, "", "--quiet", "--save", dir)
	for _, n := range []int{30002, 30003} { // these were made after it had checked
		if err := os.Symlink(victim, filepath.Join(dir, fmt.Sprint(n, ".envelope"))); err != nil {
			t.Fatal(err)
		}
	}
	c, err := dial(t.Context(), s.word("mx"), "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.nc.Close()
	if err := c.want("250", "EHLO me"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if r, err := c.send("x"); err != nil || !strings.HasPrefix(r, "250") {
			t.Fatal(r, err)
		}
	}
	for _, n := range []int{30001, 30004, 30005} {
		info, err := os.Lstat(filepath.Join(dir, fmt.Sprint(n, ".envelope")))
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%d: %v, %v", n, info, err)
		}
	}
	if b, err := os.ReadFile(victim); err != nil || string(b) != "precious" {
		t.Errorf("written through a link: %q, %v", b, err)
	}
}

// TestKilledSandboxLeavesNoFiles kills sandboxes in several ways with an incomplete large
// message: temporary files are gone, and the next sandbox uses the CA file.
func TestKilledSandboxLeavesNoFiles(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{"KILL", "HUP", "QUIT", "PIPE", "TERM", "INT", "KILL"} {
		if way == "HUP" && signal.Ignored(syscall.SIGHUP) { // under nohup the program must continue
			continue
		}
		s := runAt(t, home, "")
		c, err := dial(t.Context(), s.word("mx"), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.want("354", "EHLO me", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "DATA"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c.nc, text(3<<20)); err != nil {
			t.Fatal(err)
		}
		ca := s.word("authority")
		if info, err := os.Stat(ca); err != nil || info.Mode().Perm() != 0o600 ||
			ca != filepath.Join(home, ".local", "state", "smtpsh", "sandboxes", "ca.pem") {
			t.Errorf("file %s with the CA: %v, %v", ca, info, err)
		}
		if info, err := os.Stat(filepath.Dir(ca)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("its folder: %v, %v", info, err)
		}
		if way == "PIPE" { // the reader of its output ends, and it prints something
			s.pipe.Close()
			<-s.done
			c.nc.Close()
			if other, err := dial(t.Context(), s.word("mx"), ""); err == nil {
				other.say("NOOP") //nolint:errcheck // it can end before its reply
				other.nc.Close()
			}
			// if it does not end from that
			if err := s.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Error(err)
			}
		} else if err := s.cmd.Process.Signal(signals[way]); err != nil {
			t.Fatal(err)
		}
		s.wait()
		c.nc.Close()
		if names, err := os.ReadDir(filepath.Join(home, "tmp")); err != nil || len(names) > 0 {
			t.Errorf("%s left %v, %v", way, names, err)
		}
	}
	// two at once have their own files
	first, second := runAt(t, home, "", "--quiet"), runAt(t, home, "", "--quiet")
	a, errA := os.ReadFile(first.word("authority"))
	b, errB := os.ReadFile(second.word("authority"))
	if errA != nil || errB != nil || string(a) == string(b) || first.word("authority") == second.word("authority") {
		t.Errorf("%s and %s: %v, %v", first.word("authority"), second.word("authority"), errA, errB)
	}
	first.stop()
	second.stop()
	if names, err := filepath.Glob(filepath.Join(home, ".local", "state", "smtpsh", "sandboxes", "ca*")); err != nil || len(names) > 0 {
		t.Errorf("files of the sandbox remain: %v, %v", names, err)
	}
}
