package repl_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"smtpsh/engine"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialer"
	"smtpsh/repl"
	"smtpsh/repl/line"
)

// fills makes the disk full between two lines.
type fills struct {
	t     *testing.T
	file  string
	lines []string
}

func (f *fills) Read(p []byte) (int, error) {
	if len(f.lines) == 0 {
		return 0, os.ErrClosed // not reached: the last line is :quit
	}
	next := f.lines[0]
	f.lines = f.lines[1:]
	if next == "NOOP\n" {
		f.fill()
	}
	return copy(p, next), nil
}

// fill replaces the open log file by /dev/full.
func (f *fills) fill() {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	defer full.Close()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range open {
		var fd int
		for _, c := range e.Name() {
			fd = fd*10 + int(c-'0')
		}
		if to, _ := os.Readlink("/proc/self/fd/" + e.Name()); to == f.file {
			if err := unix.Dup3(int(full.Fd()), fd, unix.O_CLOEXEC); err != nil {
				f.t.Fatal(err)
			}
			return
		}
	}
	f.t.Fatal("no log is open")
}

// An incomplete log is an error, even without :log off.
func TestIncompleteLogIsAnError(t *testing.T) {
	for _, end := range []string{"", ":log off\n", ":log other.log\n"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "session.log")
		d := &dialer.Dialer{Options: engine.Options{}}
		lines := []string{":log " + file + "\n", "NOOP\n", strings.ReplaceAll(end, "other", dir+"/other"), ":quit\n"}
		if end == "" {
			lines = []string{lines[0], lines[1], lines[3]}
		}
		err := repl.Run(context.Background(), repl.Options{
			Dialer: d, Target: "sandbox:plain",
			In: func(line.Complete) (line.Reader, error) {
				return line.NewPiped(&fills{t, file, lines}, new(strings.Builder)), nil
			},
		})
		d.Close()
		if err == nil || !strings.Contains(err.Error(), "the log file is incomplete") || !strings.Contains(advice.Hint(err, advice.Prompt),
			"name a file in a writable folder with free disk space") {
			t.Errorf("%q: %v, hint %q", end, err, advice.Hint(err, advice.Prompt))
		}
	}
}
