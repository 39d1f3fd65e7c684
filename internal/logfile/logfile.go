package logfile

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"smtpsh/engine/event"
	"smtpsh/internal/wholefile"
	"smtpsh/transcript"
)

// Options sets the form of the log.
type Options struct {
	// JSON writes JSON lines for any file name. A name that ends in .jsonl, in any case,
	// does the same.
	JSON bool
	// Text is the form of text. Its ShowSecrets applies to JSON lines too.
	Text transcript.TextOptions
}

// Sink is an observer that stores whether writing succeeded.
type Sink interface {
	event.Observer
	Err() error
}

// NewSink writes a conversation to w, as JSON lines or as text.
func NewSink(w io.Writer, o Options) Sink {
	if o.JSON {
		return transcript.NewJSON(w, transcript.Masking(o.Text.ShowSecrets))
	}
	return transcript.NewText(w, o.Text)
}

// File is a log that is being written. It observes the events of any number of sessions.
type File struct {
	Sink
	file *os.File
}

// Open opens a log to append to it. A new file has the permissions 0600. The file may be
// a pipe; a second after ctx has ended, a write to it fails ([wholefile.Append]). Errors
// are *fs.PathError.
func Open(ctx context.Context, path string, o Options) (*File, error) {
	f, err := wholefile.Append(ctx, path, 0o600)
	if err != nil {
		return nil, err
	}
	o.JSON = o.JSON || strings.EqualFold(filepath.Ext(path), ".jsonl")
	return &File{NewSink(f, o), f}, nil
}

// Name returns the path of the file.
func (f *File) Name() string { return f.file.Name() }

// Close closes the file. It returns the first error of writing, if there was one.
func (f *File) Close() error {
	err := f.Err()
	if cerr := f.file.Close(); err == nil {
		err = cerr
	}
	return err
}
