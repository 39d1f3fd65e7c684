package line

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/internal/wholefile"
)

// maxHistory is how many lines are taken over from earlier runs.
const maxHistory = 1000

// history keeps lines between runs in a file that only its owner reads. Any
// failure to write it is silent: a prompt without history is still a prompt.
type history struct {
	lines []string
	file  *os.File
}

func openHistory(path string) *history {
	h := &history{}
	if path == "" {
		return h
	}
	h.lines = readHistory(path)
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return h
	}
	if len(h.lines) > maxHistory {
		h.lines = h.lines[len(h.lines)-maxHistory:]
		// the file is cut now and then, through a new one
		wholefile.Replace(path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600) //nolint:errcheck // the old one stays
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return h
	}
	f.Chmod(0o600) //nolint:errcheck // it may not be ours
	h.file = f
	return h
}

func readHistory(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []string
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if l := sc.Text(); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

func (h *history) add(line string) {
	if h.file != nil && !strings.ContainsAny(line, "\r\n") {
		h.file.WriteString(line + "\n") //nolint:errcheck // see the type
	}
}

func (h *history) close() {
	if h.file != nil {
		h.file.Close()
	}
}
