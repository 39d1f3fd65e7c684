package readfile

import (
	"context"
	"io"
	"io/fs"
)

// Stream reads what is bounded, and can be interrupted. It is for one goroutine. Close
// it.
type Stream struct {
	// Info describes a file; nil for what was open already.
	Info fs.FileInfo

	r    *io.PipeReader
	stop func() bool
}

// NewStream reads from r, which name describes in errors, until ctx ends or limit octets
// were read. What is longer is a [*SizeError]; the end of ctx is its cause. A read of r
// that is under way then is left behind, because a terminal or a pipe cannot be asked to
// stop; it takes what comes next of r. Nothing closes r.
func NewStream(ctx context.Context, r io.Reader, name string, limit int64) *Stream {
	return newStream(ctx, r, name, limit, func() {})
}

// newStream calls over when nothing reads from r any more.
func newStream(ctx context.Context, r io.Reader, name string, limit int64, over func()) *Stream {
	pr, pw := io.Pipe()
	//mutant:a-read-ends-with-its-context is "pw.CloseWithError(context.Cause(ctx))" "_ = context.Cause(ctx)"
	s := &Stream{r: pr, stop: context.AfterFunc(ctx, func() { pw.CloseWithError(context.Cause(ctx)) })}
	go func() {
		n, err := io.Copy(pw, io.LimitReader(r, limit))
		//mutant:what-is-read-is-bounded is "n ==" "n >"
		if err == nil && n == limit { // the end, or more than that
			if more, _ := io.ReadFull(r, make([]byte, 1)); more > 0 {
				err = &SizeError{name, limit}
			}
		}
		over()
		pw.CloseWithError(err) // nil is the end
	}()
	return s
}

// Read returns the next octets. The errors are io.EOF, those of the file, a
// [*SizeError], and the cause of the context that has ended.
func (s *Stream) Read(b []byte) (int, error) { return s.r.Read(b) }

// Close ends the reading.
func (s *Stream) Close() error {
	s.stop()
	return s.r.Close()
}
