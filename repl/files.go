package repl

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/internal/transcript"
)

// openFile opens a regular file to read. A FIFO could keep the prompt waiting for
// ever, and a device would never end.
func openFile(path string) (*os.File, os.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, nil, wrong("name a file that can be read", "%s", errText(err))
	case info.IsDir():
		return nil, nil, wrong("name a file", "%s is a directory", transcript.Escape(path))
	case !info.Mode().IsRegular():
		return nil, nil, wrong("copy what it gives into a file first", "%s is no regular file", transcript.Escape(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, wrong("name a file that can be read", "%s", errText(err))
	}
	return f, info, nil
}

// readFile reads a whole file of at most limit octets.
func readFile(path string, limit int64) ([]byte, error) {
	f, _, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, wrong("name a file that can be read", "%s", errText(err))
	case int64(len(b)) > limit:
		return nil, wrong(":send FILE sends files of any size", "%s is larger than %s", transcript.Escape(path), size(limit))
	}
	return b, nil
}

// writable refuses to write to what is there and no regular file.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return wrong("name a file that can be written", "%s is no regular file", transcript.Escape(path))
	}
	return nil
}

// expand makes a path of one that begins with ~.
func expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}
