package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/internal/sandbox"
)

func storedMessage(id int) sandbox.Message {
	return sandbox.Message{
		ID: id, From: "a@example.org",
		Rcpts: []sandbox.Rcpt{{Address: "bob@sandbox.test"}},
		Data:  fmt.Appendf(nil, "message %d\r\n", id),
	}
}

// Messages get new names next to files of other runs, links and files of other users.
func TestSavedMessagesAreNewFiles(t *testing.T) {
	for _, sync := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "saved")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		victim := filepath.Join(t.TempDir(), "victim")
		put := func(path, text string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		put(victim, "precious")
		put(filepath.Join(dir, "4.eml"), "of an earlier run")
		put(filepath.Join(dir, "5.envelope"), "without a message")
		put(filepath.Join(dir, "x9.eml"), "not a number")
		s, err := newSaver(dir, sync)
		if err != nil {
			t.Fatal(err)
		}
		put(filepath.Join(dir, "7.envelope"), "came meanwhile")
		if err := os.Symlink(victim, filepath.Join(dir, "8.envelope")); err != nil {
			noLinks(t, err)
		}
		if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "9.eml")); err != nil {
			t.Fatal(err)
		}
		for id := 1; id <= 3; id++ {
			if err := s.save(storedMessage(id)); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]string{
			"4.eml": "of an earlier run", "5.envelope": "without a message", "7.envelope": "came meanwhile", "8.envelope": "precious",
			"6.eml": "message 1\r\n", "10.eml": "message 2\r\n", "11.eml": "message 3\r\n", "x9.eml": "not a number",
		}
		for name, text := range want {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != text {
				t.Errorf("%s: %q, %v", name, b, err)
			}
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != len(want)+4 { // three envelopes, and the broken link
			t.Errorf("%v, %v", entries, err)
		}
		for _, name := range []string{"6.eml", "6.envelope", "11.envelope"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
		if err := s.result(); err != nil {
			t.Error(err)
		}
	}
}

// When many messages are saved at once, each has files of its own.
func TestManyAreSavedAtOnce(t *testing.T) {
	dir := t.TempDir()
	s, err := newSaver(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 25 {
				if err := s.save(storedMessage(25*w + i + 1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for id := 1; id <= 200; id++ {
		if b, err := os.ReadFile(filepath.Join(dir, fmt.Sprint(id, ".eml"))); err != nil || string(b) != fmt.Sprintf("message %d\r\n", id) {
			t.Errorf("%d: %q, %v", id, b, err)
		}
	}
}

// If the folder disappears, save returns an error, and result does too.
func TestReportsLostFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "saved")
	s, err := newSaver(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.save(storedMessage(1)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for id := 2; id <= 3; id++ {
		if err := s.save(storedMessage(id)); err == nil {
			t.Error("it was saved")
		}
	}
	err = s.result()
	if err == nil || exitstatus.Of(err) == exit.OK ||
		!strings.Contains(err.Error(), "2 messages were not saved and were rejected with 452: ") || !strings.Contains(err.Error(),
		"2.envelope") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made again: %v", err)
	}
}

// noLinks skips a test if the user is not allowed to make links, which occurs only on
// Windows.
func noLinks(t *testing.T, err error) {
	t.Helper()
	if runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// A link that replaces the folder does not get the mail.
func TestReplacedFolderGetsNoMail(t *testing.T) {
	top := t.TempDir()
	dir, other := filepath.Join(top, "saved"), filepath.Join(top, "other")
	s, err := newSaver(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+"-old"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, dir); err != nil {
		noLinks(t, err)
	}
	if err := s.save(storedMessage(1)); err == nil || !strings.Contains(err.Error(), "was replaced since the start") {
		t.Errorf("%v", err)
	}
	if names, err := os.ReadDir(other); err != nil || len(names) > 0 {
		t.Errorf("%v, %v", names, err)
	}
}

// After a flood of lines, the console shows a readable part and a count.
func TestConsoleIsReadable(t *testing.T) {
	var b bytes.Buffer
	c := newConsole(&b, "; --log FILE keeps all of them")
	for i := range 100000 {
		if i == 50 {
			io.WriteString(c, strings.Repeat("x", 100*consoleWidth)+"\n") //nolint:errcheck // a buffer
		}
		fmt.Fprintf(c, "[%d mx] C: NOOP\n", i)
	}
	c.close()
	shown := strings.Count(b.String(), "\n")
	if shown < consoleBurst-200 || shown > 2*consoleBurst {
		t.Errorf("%d lines are shown", shown)
	}
	var more int
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if _, err := fmt.Sscanf(lines[len(lines)-1], "*  %d more lines are not shown; --log FILE keeps all of them", &more); err != nil ||
		more+shown-1 != 100001 {
		t.Errorf("%q: %v; %d are shown, %d counted", lines[len(lines)-1], err, shown-1, more)
	}
	fmt.Fprintln(c, "afterwards") // whether lines are shown again depends on the time
	// after a quiet period lines are shown again
	b.Reset()
	c = newConsole(&b, "")
	c.room, c.lastWrite = -10, time.Now().Add(-time.Second)
	fmt.Fprintln(c, "shown")
	c.close()
	if b.String() != "shown\n" {
		t.Errorf("%q", b.String())
	}
}

// A console that does not read stops no client: lines beyond the queue are counted, and the
// end of the program does not wait long.
func TestUnreadConsoleStopsNoClient(t *testing.T) {
	r, w := io.Pipe()
	c := newConsole(w, "")
	for i := range 3 * consoleQueue {
		c.room = consoleBurst // however slowly they arrive
		fmt.Fprintf(c, "[%d mx] C: NOOP\n", i)
	}
	if c.hidden < consoleQueue {
		t.Errorf("%d lines are counted", c.hidden)
	}
	if c.close() {
		t.Error("it says that all was read")
	}
	r.Close()
}

func TestImplausibleLimits(t *testing.T) {
	for args, want := range map[string]string{
		"--max-memory 1":             "--max-memory: 1 MiB is out of range",
		"--max-memory -5":            "--max-memory",
		"--max-memory 9999999999999": "--max-memory",
		"--max-disk 0":               "--max-disk",
		"--max-logins -1":            "--max-logins: -1 is out of range",
		"--max-connections -1":       "--max-connections",
		"--save-sync":                "--save-sync requires --save",
	} {
		var out, errs bytes.Buffer
		code := Main(World{Args: append([]string{"sandbox"}, strings.Fields(args)...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			Getenv: func(string) string { return "" }, Terminal: func(any) bool { return false }})
		if code != exit.Usage || !strings.Contains(errs.String(), want) || !strings.Contains(errs.String(), "hint: ") {
			t.Errorf("%s: status %d, %s", args, code, errs.String())
		}
	}
}
