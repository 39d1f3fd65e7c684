package readfile

import (
	"context"
	"io"
	"io/fs"
)

// Stream is a reader with a limit that can be interrupted. Only one goroutine may use it.
// Close it.
type Stream struct {
	// Info describes the file; nil for a file that was already open.
	Info fs.FileInfo

	r    *io.PipeReader
	stop func() bool
}

// NewStream reads from r until ctx ends or limit bytes were read; errors contain name. More
// bytes are a [*SizeError]; at the end of ctx the error is its cause. A read that is then
// in progress continues in the background, because a read of a terminal or pipe cannot be
// stopped; it takes the next bytes of r. NewStream never closes r.
func NewStream(ctx context.Context, r io.Reader, name string, limit int64) *Stream {
	return newStream(ctx, r, name, limit, func() {})
}

// newStream calls over when no goroutine reads from r any more.
func newStream(ctx context.Context, r io.Reader, name string, limit int64, over func()) *Stream {
	pr, pw := io.Pipe()
	//mutant:a-read-ends-with-its-context is "pw.CloseWithError(context.Cause(ctx))" "_ = context.Cause(ctx)"
	s := &Stream{r: pr, stop: context.AfterFunc(ctx, func() { pw.CloseWithError(context.Cause(ctx)) })}
	go func() {
		n, err := io.Copy(pw, io.LimitReader(r, limit))
		//mutant:what-is-read-is-bounded is "n ==" "n >"
		if err == nil && n == limit { // the end, or an error
			if more, _ := io.ReadFull(r, make([]byte, 1)); more > 0 {
				err = &SizeError{name, limit}
			}
		}
		over()
		pw.CloseWithError(err) // nil means the end
	}()
	return s
}

// Read returns the next bytes. Errors: io.EOF, those of the file, a [*SizeError], and the
// cause of the ended context.
func (s *Stream) Read(b []byte) (int, error) { return s.r.Read(b) }

// Close ends the reading.
func (s *Stream) Close() error {
	s.stop()
	return s.r.Close()
}
