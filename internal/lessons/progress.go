package lessons

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"smtpsh/internal/wholefile"
)

// Progress is what a learner has finished, kept in a file between runs.
type Progress struct {
	path     string
	finished map[string]string // name to day
}

// OpenProgress reads the file; "" keeps nothing. A file that cannot be read is an
// error: what was achieved must not be written over.
func OpenProgress(path string) (*Progress, error) {
	p := &Progress{path: path, finished: map[string]string{}}
	if path == "" {
		return p, nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &p.finished)
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return p, nil
}

// Done reports whether a lesson was finished.
func (p *Progress) Done(name string) bool { return p.finished[name] != "" }

// Finish keeps that a lesson was finished. What another prompt has finished
// meanwhile is kept too.
func (p *Progress) Finish(name string) error {
	if now, err := OpenProgress(p.path); err == nil {
		maps.Copy(p.finished, now.finished)
	}
	p.finished[name] = time.Now().Format(time.DateOnly)
	return p.write()
}

// Reset forgets everything.
func (p *Progress) Reset() error {
	clear(p.finished)
	return p.write()
}

// write replaces the file in one step.
func (p *Progress) write() error {
	if p.path == "" {
		return nil
	}
	b, err := json.MarshalIndent(p.finished, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.path), 0o700); err != nil {
		return err
	}
	return wholefile.Replace(p.path, append(b, '\n'), 0o600)
}
