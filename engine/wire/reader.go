package wire

import (
	"bytes"
	"io"
)

// startSize is the initial size of a Reader's buffer. It is enough for the capability list
// of every known server.
const startSize = 2048

// Reader reads lines and replies from a connection. It is not safe for concurrent
// use. It allocates nothing per line or reply once its buffer has grown to the size
// of the peer's replies.
type Reader struct {
	src    io.Reader
	buf    []byte
	rd, wr int // unread bytes are buf[rd:wr]
	limits Limits
}

// NewReader returns a Reader on src. Zero fields of limits mean the defaults.
func NewReader(src io.Reader, limits Limits) *Reader {
	return &Reader{src: src, limits: limits.orDefault()}
}

// Reset continues with another source, for example after a TLS handshake. It drops buffered
// bytes; check [Reader.Buffered] first.
func (r *Reader) Reset(src io.Reader) { r.src, r.rd, r.wr = src, 0, 0 }

// Limits returns the limits.
func (r *Reader) Limits() Limits { return r.limits }

// Buffered returns the bytes that have arrived and are not read yet. The slice is valid
// until the next call.
func (r *Reader) Buffered() []byte { return r.buf[r.rd:r.wr] }

// Discard drops n buffered bytes.
func (r *Reader) Discard(n int) { r.rd += min(n, r.wr-r.rd) }

// Read returns buffered bytes first, then reads from the source.
func (r *Reader) Read(p []byte) (int, error) {
	if r.rd < r.wr {
		n := copy(p, r.buf[r.rd:r.wr])
		r.rd += n
		return n, nil
	}
	return r.src.Read(p)
}

// Fill reads once from the source into the buffer, so that [Reader.Buffered]
// grows by at least one byte or an error is returned.
func (r *Reader) Fill() error {
	if r.rd == r.wr {
		r.rd, r.wr = 0, 0
	}
	if r.wr == len(r.buf) {
		r.grow(r.rd)
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.wr:])
		r.wr += n
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// grow makes room after wr. It drops everything before keep.
func (r *Reader) grow(keep int) {
	if keep > 0 {
		copy(r.buf, r.buf[keep:r.wr])
		r.rd -= keep
		r.wr -= keep
		return
	}
	size := max(startSize, 2*len(r.buf))
	next := make([]byte, size)
	copy(next, r.buf[:r.wr])
	r.buf = next
}

// scanLine finds the end of the line that starts at offset from (relative to rd), and reads
// more if necessary. It returns the offset after the line.
func (r *Reader) scanLine(from int) (end int, err error) {
	seen := from
	for {
		if i := bytes.IndexByte(r.buf[r.rd+seen:r.wr], '\n'); i >= 0 {
			end = seen + i + 1
			if end-from > r.limits.Line { //mutant:a-line-of-a-reply-is-bounded never
				return 0, &LimitError{"line", r.limits.Line}
			}
			return end, nil
		}
		seen = r.wr - r.rd
		if seen-from > r.limits.Line {
			return 0, &LimitError{"line", r.limits.Line}
		}
		if err := r.fillKeeping(); err != nil {
			return 0, err
		}
	}
}

// fillKeeping is Fill in the middle of a line or reply: no unread byte moves relative to
// rd.
func (r *Reader) fillKeeping() error {
	if r.wr == len(r.buf) {
		r.grow(r.rd)
	}
	return r.Fill()
}

// ReadLine reads one line with its ending; LF ends a line, with or without CR. At the end
// of the input it returns the remaining bytes with io.EOF, or with io.ErrUnexpectedEOF if a
// line had begun. The slice is valid until the next call. For a line that is too long it
// returns a [LimitError]; the bytes stay unread.
func (r *Reader) ReadLine() ([]byte, error) {
	end, err := r.scanLine(0)
	if err != nil {
		return nil, r.eof(err)
	}
	line := r.buf[r.rd : r.rd+end]
	r.rd += end
	return line, nil
}

func (r *Reader) eof(err error) error {
	if err == io.EOF && r.rd < r.wr {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ReadReply reads the lines of one reply and returns their bytes, valid until the next
// call. The reply ends with the first line that has no hyphen after its code; ReadReply
// does not compare codes. If each is not nil, ReadReply calls it with every line as soon as
// the line arrives.
//
// Errors: a [LimitError], a [NotReplyError], or that of the source, where io.EOF inside a
// reply becomes io.ErrUnexpectedEOF. After an error the bytes read so far are still in
// [Reader.Buffered].
func (r *Reader) ReadReply(each func(line []byte)) ([]byte, error) {
	end := 0
	for lines := 1; ; lines++ {
		next, err := r.scanLine(end)
		if err != nil {
			return nil, r.eof(err)
		}
		line := r.buf[r.rd+end : r.rd+next]
		if each != nil {
			each(line)
		}
		if !isReplyLine(line) {
			return nil, &NotReplyError{Line: bytes.Clone(line)}
		}
		end = next
		if end > r.limits.Reply { //mutant:a-reply-is-bounded never
			return nil, &LimitError{"reply", r.limits.Reply}
		}
		if line[3] != '-' {
			break
		}
		if lines >= r.limits.Lines { //mutant:the-lines-of-a-reply-are-counted never
			return nil, &LimitError{"reply lines", r.limits.Lines}
		}
	}
	raw := r.buf[r.rd : r.rd+end]
	r.rd += end
	return raw, nil
}

// BufferedReply is ReadReply for buffered bytes only: it returns a reply only if
// all of it has arrived.
func (r *Reader) BufferedReply(each func(line []byte)) ([]byte, bool) {
	buf := r.Buffered()
	end := 0
	for {
		i := bytes.IndexByte(buf[end:], '\n')
		if i < 0 || !isReplyLine(buf[end:end+i+1]) {
			return nil, false
		}
		last := buf[end+3] != '-'
		end += i + 1
		if last {
			break
		}
	}
	raw := buf[:end]
	if each != nil {
		for rest := raw; len(rest) > 0; {
			i := bytes.IndexByte(rest, '\n')
			each(rest[:i+1])
			rest = rest[i+1:]
		}
	}
	r.rd += end
	return raw, true
}

// isReplyLine reports whether a line has three digits and then a space, a
// hyphen or its ending: "250" alone is legal (RFC 5321 section 4.2.1).
func isReplyLine(line []byte) bool {
	if len(line) < 4 {
		return false
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return false
		}
	}
	switch line[3] {
	case ' ', '-', '\r', '\n':
		return true
	}
	return false
}
