package readfile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
)

// Read returns the content of a file. Errors: those of the rule, *fs.PathError, and the
// cause of ctx if ctx ends first.
func Read(ctx context.Context, name string, r Rule) ([]byte, error) {
	s, err := Open(ctx, name, r)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return io.ReadAll(s)
}

// In reads a regular file in a folder. No name and no link can lead out of the folder.
func In(ctx context.Context, root *os.Root, name string, limit int64) ([]byte, error) {
	//mutant:no-FIFO-in-a-scripts-folder-hangs-the-program is "|nonblock" ""
	f, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	s, err := stream(ctx, f, name, Rule{Limit: limit})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return io.ReadAll(s)
}

// All reads r to its end, at most limit bytes; errors contain name. It is for files that
// are already open, such as standard input. After the end of ctx a read that is in progress
// continues in the background and takes the next bytes of r.
func All(ctx context.Context, r io.Reader, name string, limit int64) ([]byte, error) {
	s := NewStream(ctx, r, name, limit)
	defer s.Close()
	return io.ReadAll(s)
}

// Open opens a file that is read piece by piece. The errors are those of [Read].
func Open(ctx context.Context, name string, r Rule) (*Stream, error) {
	f, err := open(ctx, name, r)
	if err != nil {
		return nil, err
	}
	return stream(ctx, f, name, r)
}

// Regular opens a regular file of any size for reading at any position. The errors are those
// of [Read].
func Regular(name string) (*os.File, fs.FileInfo, error) {
	f, err := open(context.Background(), name, Rule{Limit: math.MaxInt64})
	if err != nil {
		return nil, nil, err
	}
	return regular(f, name)
}

// RegularIn is Regular for a file in a folder. No name and no link can lead out of the folder.
func RegularIn(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	return regular(f, name)
}

// regular closes a file and returns an error unless it is a regular file.
func regular(f *os.File, name string) (*os.File, fs.FileInfo, error) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &KindError{name, info.Mode()}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// stream checks an open file, and closes it if it is refused. It checks the open file, not
// its name, because the name can change.
func stream(ctx context.Context, f *os.File, name string, r Rule) (*Stream, error) {
	info, err := f.Stat()
	if err == nil {
		err = r.check(name, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	s := newStream(ctx, f, name, r.Limit, func() { f.Close() })
	s.Info = info
	return s, nil
}

// open opens a file without waiting, except that it waits for the writer of a FIFO if the
// rule accepts one, until ctx ends.
func open(ctx context.Context, name string, r Rule) (*os.File, error) {
	info, err := os.Stat(name)
	if pe := new(fs.PathError); errors.As(err, &pe) {
		pe.Op = "read" // not "stat"
	}
	if err != nil {
		return nil, err
	}
	if err := r.check(name, info); err != nil { // the effect of opening a device is not known
		return nil, err
	}
	if info.Mode()&fs.ModeNamedPipe == 0 {
		f, err := os.OpenFile(name, os.O_RDONLY|nonblock, 0)
		if err != nil {
			return nil, err
		}
		if now, err := f.Stat(); err != nil || now.Mode()&fs.ModeNamedPipe != 0 {
			f.Close()
			return nil, errors.Join(err, &fs.PathError{Op: "open", Path: name, Err: errChanged})
		}
		return f, nil
	}
	type opened struct {
		f   *os.File
		err error
	}
	got := make(chan opened)
	go func() { // it ends with a writer, or with the process
		f, err := os.Open(name)
		select {
		case got <- opened{f, err}:
		case <-ctx.Done():
			f.Close()
		}
	}()
	select {
	case o := <-got:
		return o.f, o.err
	case <-ctx.Done(): //mutant:a-wait-for-a-writer-ends is "ctx.Done()" "make(chan int)"
		return nil, context.Cause(ctx)
	}
}
