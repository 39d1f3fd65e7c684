package repl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/internal/readfile"
	"smtpsh/transcript"
)

// openFile opens a regular file to read. A FIFO could keep the prompt waiting for
// ever, and a device would never end.
func openFile(path string) (*os.File, os.FileInfo, error) {
	f, info, err := readfile.Regular(path)
	return f, info, unread(err)
}

// unread says what to do about a file that was not read.
func unread(err error) error {
	var kind *readfile.KindError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &kind):
		return wrong("name a readable file", "%s", errText(err))
	case kind.Mode.IsDir():
		return wrong("name a file", "%s", errText(err))
	}
	return wrong("copy its content to a file first", "%s", errText(err))
}

// readFile reads a whole file of at most limit octets.
func readFile(path string, limit int64) ([]byte, error) {
	b, err := readfile.Read(context.Background(), path, readfile.Rule{Limit: limit})
	if errors.As(err, new(*readfile.SizeError)) {
		return nil, wrong(":send FILE sends files of any size", "%s is larger than %s", transcript.Escape(path), size(limit))
	}
	return b, unread(err)
}

// writable refuses to write to what is there and no regular file.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return wrong("name a writable file", "%s is not a regular file", transcript.Escape(path))
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

// errText is a file error without the name of the system call.
func errText(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return transcript.Escape(fmt.Sprintf("%s: %v", p.Path, p.Err))
	}
	return transcript.Escape(err.Error())
}
