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

// openFile opens a regular file for reading. It rejects FIFOs and devices, because
// reading them may never end.
func openFile(path string) (*os.File, os.FileInfo, error) {
	f, info, err := readfile.Regular(path)
	return f, info, unread(err)
}

// unread adds a hint to the error of a file that cannot be read.
func unread(err error) error {
	var kind *readfile.KindError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &kind):
		return wrong("name a readable file", "%s", errText(err))
	case kind.Mode.IsDir():
		return wrong("name a file, not a folder", "%s", errText(err))
	}
	return wrong("copy its content to a regular file first", "%s", errText(err))
}

// readFile reads a whole file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	b, err := readfile.Read(context.Background(), path, readfile.Rule{Limit: limit})
	if errors.As(err, new(*readfile.SizeError)) {
		return nil, wrong(":send FILE sends files of any size", "%s is larger than %s", transcript.Escape(path), size(limit))
	}
	return b, unread(err)
}

// writable returns an error if path exists and is not a regular file.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return wrong("name a regular file", "%s is not a regular file", transcript.Escape(path))
	}
	return nil
}

// expand replaces ~/ at the start of a path with the home directory.
func expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}

// errText returns a file error without the name of the system call.
func errText(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return transcript.Escape(fmt.Sprintf("%s: %v", p.Path, p.Err))
	}
	return transcript.Escape(err.Error())
}
