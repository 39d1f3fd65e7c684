package lessons

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"smtpsh/internal/readfile"
	"smtpsh/internal/wholefile"
)

// Record is the progress in one lesson.
type Record struct {
	Steps    int       `json:"steps" doc:"steps that were reached; skipped ones do not count"`
	Of       int       `json:"of" doc:"steps that the lesson has"`
	Begun    time.Time `json:"begun,omitzero" doc:"when the first step was begun"`
	Finished time.Time `json:"finished,omitzero" doc:"when the lesson was first finished"`
	Seconds  int       `json:"seconds" doc:"time spent on steps that were reached, in seconds"`
}

// UnmarshalJSON also reads the format of earlier versions, a string with the day on which
// the lesson was finished.
func (r *Record) UnmarshalJSON(b []byte) error {
	var day string
	if json.Unmarshal(b, &day) == nil {
		var err error
		if day != "" {
			r.Finished, err = time.ParseInLocation(time.DateOnly, day, time.Local)
		}
		return err
	}
	type plain Record
	return json.Unmarshal(b, (*plain)(r))
}

// Progress is the progress of a learner, stored in a file.
type Progress struct {
	path    string
	lessons map[string]Record
}

// OpenProgress reads the file at path. With an empty path nothing is stored. It returns an
// error if the file exists and cannot be read, so that it is not overwritten.
func OpenProgress(path string) (*Progress, error) {
	p := &Progress{path: path, lessons: map[string]Record{}}
	return p, p.read()
}

// maxProgress limits the size of the file in bytes. A course of 100 lessons needs 20 KiB.
const maxProgress = 1 << 20

// read reads the file again, because another prompt may have changed it.
func (p *Progress) read() error {
	if p.path == "" {
		return nil
	}
	lessons := map[string]Record{}
	b, err := readfile.Read(context.Background(), p.path, readfile.Rule{Limit: maxProgress})
	if err == nil {
		err = json.Unmarshal(b, &lessons)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "read", Path: p.path, Err: err}
	}
	if lessons == nil { // the file contains null
		lessons = map[string]Record{}
	}
	p.lessons = lessons
	return nil
}

// Done reports whether a lesson was finished.
func (p *Progress) Done(name string) bool { return !p.lessons[name].Finished.IsZero() }

// Record returns the progress in a lesson.
func (p *Progress) Record(name string) Record { return p.lessons[name] }

// Keep stores that steps of the of steps of a lesson were reached, the last one in the
// time took. If all were reached, the lesson is finished. The record of a finished lesson
// does not change.
func (p *Progress) Keep(name string, steps, of int, took time.Duration) error {
	if err := p.read(); err != nil {
		return err
	}
	r := p.lessons[name]
	if !r.Finished.IsZero() {
		return nil
	}
	now := time.Now().Truncate(time.Second)
	if r.Begun.IsZero() {
		r.Begun = now.Add(-took.Truncate(time.Second))
	}
	r.Steps, r.Of, r.Seconds = max(r.Steps, steps), of, r.Seconds+int(took.Seconds()+0.5)
	if steps >= of {
		r.Finished = now
	}
	p.lessons[name] = r
	return p.write()
}

// Reset deletes the progress in a lesson, or in all lessons if name is empty.
func (p *Progress) Reset(name string) error {
	if err := p.read(); err != nil {
		return err
	}
	if name == "" {
		clear(p.lessons)
	}
	delete(p.lessons, name)
	return p.write()
}

// write replaces the file atomically.
func (p *Progress) write() error {
	if p.path == "" {
		return nil
	}
	b, err := json.MarshalIndent(p.lessons, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.path), 0o700); err != nil {
		return err
	}
	return wholefile.Replace(p.path, append(b, '\n'), 0o600)
}
