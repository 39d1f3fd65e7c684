//go:build unix

package line

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// opened opens a history and fails if that takes long.
func opened(t *testing.T, path string) *history {
	t.Helper()
	got := make(chan *history, 1)
	go func() { got <- openHistory(path) }()
	select {
	case h := <-got:
		t.Cleanup(h.close)
		return h
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: opening the history takes too long", path)
		return nil
	}
}

// TestIgnoresHistoryThatIsNotRegularFile: such a file is neither read nor written.
func TestIgnoresHistoryThatIsNotRegularFile(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := errors.Join(syscall.Mkfifo(fifo, 0o600), os.Symlink("/dev/zero", filepath.Join(dir, "zero"))); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(fifo, os.O_RDWR, 0) // with a reader, writing would succeed
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, path := range []string{fifo, filepath.Join(dir, "zero"), dir} {
		if h := opened(t, path); len(h.lines) > 0 || h.file != nil {
			t.Errorf("%s: %d lines, %v", path, len(h.lines), h.file)
		}
	}
}

// TestKeepsLatestLinesOfLongHistory: only the end of a long file is read.
func TestKeepsLatestLinesOfLongHistory(t *testing.T) {
	for name, c := range map[string]struct {
		lines, octets, left int
	}{
		"short":      {10, 20, 10},
		"many lines": {maxHistory + 500, 20, maxHistory},
		"long lines": {200, maxKept, historySize/maxKept - 1},
	} {
		path := filepath.Join(t.TempDir(), "history")
		var b strings.Builder
		for i := range c.lines {
			b.WriteString(fmt.Sprintf("%06d ", i) + strings.Repeat("x", c.octets-8) + "\n")
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		h := opened(t, path)
		h.add("the latest")
		if n := len(h.lines); n != c.left || !strings.HasPrefix(h.lines[n-1], fmt.Sprintf("%06d ", c.lines-1)) {
			t.Errorf("%s: %d lines, want %d, the last one %.10q", name, n, c.left, h.lines[n-1])
		}
		again, _ := readHistory(path)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 || again[len(again)-1] != "the latest" || info.Size() > historySize+100 {
			t.Errorf("%s: %v, %v, %.20q", name, info.Mode(), err, again[len(again)-1])
		}
	}
}
