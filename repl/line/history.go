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

// maxHistory is the largest number of lines that are read from earlier runs. historySize
// is the largest part of the file that is read, in bytes.
const (
	maxHistory  = 1000
	historySize = 1 << 20
)

// maxKept is the length of the longest line that is kept between runs, in bytes. Longer
// lines are usually pasted messages or keys, and they would make the file slow to read.
const maxKept = 8 << 10

// history keeps lines between runs, in a file that only its owner can read. A failure to
// write the file is not reported, because the prompt works without a history.
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
		// the file has grown too long: replace it with its latest lines
		wholefile.Replace(path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600) //nolint:errcheck // the old file stays
	}
	f, err := wholefile.Append(context.Background(), path, 0o600)
	if err != nil {
		return h
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return h
	}
	f.Chmod(0o600) //nolint:errcheck // another user can own the file
	h.file = f
	return h
}

// readHistory returns the latest lines of a file, and whether the file has more lines. It
// reads only a regular file.
func readHistory(path string) (lines []string, more bool) {
	f, info, err := readfile.Regular(path)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	start := max(0, info.Size()-historySize)
	b := make([]byte, info.Size()-start)
	n, err := f.ReadAt(b, start)
	if err != nil && !errors.Is(err, io.EOF) { // the file has become shorter
		return nil, false
	}
	text := string(b[:n])
	if start > 0 {
		_, text, _ = strings.Cut(text, "\n") // the first line can be incomplete
	}
	for l := range strings.Lines(text) {
		// earlier versions of smtpsh kept longer lines
		if l = strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r"); l != "" && len(l) <= maxKept {
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
