package line

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/internal/readfile"
	"smtpsh/internal/wholefile"
)

// maxHistory is how many lines are taken over from earlier runs, and historySize how many
// octets of the file are looked at for them.
const (
	maxHistory  = 1000
	historySize = 1 << 20
)

// maxKept is how long a line may be that is kept between runs, in octets. A longer one is
// a message or a key that was pasted, and a thousand of them would be long to read.
const maxKept = 8 << 10

// history keeps lines between runs in a file that only its owner reads. Any
// failure to write it is silent: a prompt without history is still a prompt.
type history struct {
	lines []string
	file  *os.File
}

func openHistory(path string) *history {
	if path == "" {
		return &history{}
	}
	lines, more := readHistory(path)
	h := &history{lines: lines}
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return h
	}
	if more {
		// the file is cut now and then, through a new one
		wholefile.Replace(path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600) //nolint:errcheck // the old one stays
	}
	f, err := wholefile.Append(context.Background(), path, 0o600)
	if err != nil {
		return h
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return h
	}
	f.Chmod(0o600) //nolint:errcheck // it may not be ours
	h.file = f
	return h
}

// readHistory returns the latest lines of a file, and whether it has more than those. What
// is not a regular file is not read.
func readHistory(path string) (lines []string, more bool) {
	f, info, err := readfile.Regular(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	start := max(0, info.Size()-historySize)
	b := make([]byte, info.Size()-start)
	n, err := f.ReadAt(b, start)
	if err != nil && !errors.Is(err, io.EOF) { // it has become shorter
		return nil, false
	}
	text := string(b[:n])
	if start > 0 {
		_, text, _ = strings.Cut(text, "\n") // the first line may have lost its beginning
	}
	for l := range strings.Lines(text) {
		if l = strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r"); l != "" && len(l) <= maxKept { // an earlier version kept longer ones
			lines = append(lines, l)
		}
	}
	if most := len(lines) - maxHistory; most > 0 {
		return lines[most:], true
	}
	return lines, start > 0
}

func (h *history) add(line string) {
	if h.file != nil && len(line) <= maxKept && !strings.ContainsAny(line, "\r\n") {
		h.file.WriteString(line + "\n") //nolint:errcheck // see the type
	}
}

func (h *history) close() {
	if h.file != nil {
		h.file.Close()
	}
}
