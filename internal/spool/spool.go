package spool

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
)

// File is a temporary file. One goroutine writes it; after that any number of goroutines
// can read it. Close deletes it.
type File struct {
	f     *os.File
	size  int64
	limit int64
	named bool
}

// FullError reports a text that is longer than the limit.
type FullError struct{ Limit int64 }

// Error returns the limit.
func (e *FullError) Error() string { return fmt.Sprintf("the message has more than %d bytes", e.Limit) }

// New creates an empty file in the system's folder for temporary files. A Write beyond limit
// bytes returns a [*FullError].
func New(limit int64) (*File, error) {
	f, err := os.CreateTemp("", "smtpsh-")
	if err != nil {
		return nil, err
	}
	s := &File{f: f, limit: limit, named: true}
	if runtime.GOOS != "windows" { // there an open file cannot be deleted
		s.named = os.Remove(f.Name()) != nil
	}
	return s, nil
}

// Fill copies r into a new file. The end of ctx ends the copy with its cause.
func Fill(ctx context.Context, r io.Reader, limit int64) (*File, error) {
	s, err := New(limit)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(s, r); err != nil {
		s.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	return s, nil
}

// Write appends bytes.
func (s *File) Write(p []byte) (int, error) {
	if s.size+int64(len(p)) > s.limit {
		return 0, &FullError{s.limit}
	}
	n, err := s.f.Write(p)
	s.size += int64(n)
	return n, err
}

// ReadAt reads at a position.
func (s *File) ReadAt(p []byte, at int64) (int, error) { return s.f.ReadAt(p, at) }

// Size returns the number of bytes written.
func (s *File) Size() int64 { return s.size }

// Close deletes the file.
func (s *File) Close() error {
	err := s.f.Close()
	if s.named {
		if rerr := os.Remove(s.f.Name()); err == nil {
			err = rerr
		}
	}
	return err
}
