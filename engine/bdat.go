package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/wire"
)

// Chunk is one chunk of a message (RFC 3030 section 2).
type Chunk struct {
	Data []byte
	Last bool // it ends the message
	// AnyLength allows lines of any length.
	AnyLength bool
}

// Bdat sends one chunk unchanged, with LAST if it is the last one (RFC 3030 section 2), and
// reads the reply. A line of more than 998 bytes, also across chunks, is an ErrUsage,
// unless MAIL had BODY=BINARYMIME or AnyLength is set.
func (s *Session) Bdat(ctx context.Context, chunk Chunk) (*reply.Reply, error) {
	if chunk.AnyLength {
		r, err := s.bdat(ctx, chunk.Data, chunk.Last)
		s.chunkLines = lineLengths{}
		return r, err
	}
	lines := s.chunkLines
	if s.state != InChunks {
		lines = lineLengths{}
	}
	if !s.binaryMIME {
		if err := lines.add(chunk.Data); err != nil {
			return nil, longChunk(err)
		}
	}
	r, err := s.bdat(ctx, chunk.Data, chunk.Last)
	s.chunkLines = lines
	return r, err
}

// longChunk adds the advice for BDAT to the error of a long line.
func longChunk(err error) error {
	var op *OpError
	if errors.As(err, &op) {
		op.Op = "BDAT"
		op.Advice = advise(AdviceLongChunk)
	}
	return err
}

func (s *Session) bdat(ctx context.Context, chunk []byte, last bool) (*reply.Reply, error) {
	if err := s.ready("BDAT"); err != nil {
		return nil, err
	}
	arg := strconv.Itoa(len(chunk))
	if last {
		arg += " LAST"
	}
	c := command{verb: "BDAT", arg: arg, line: []byte("BDAT " + arg), wait: s.opts.Timeouts.Final}
	if err := s.sendOne(ctx, c); err != nil {
		return nil, err
	}
	cw := s.newContentWriter(ctx)
	for rest := chunk; len(rest) > 0; {
		n := min(len(rest), chunkBlock)
		// the reply can follow the last byte at once: it is early only while more of the
		// chunk follows
		if n == len(rest) && cw.stop() {
			return s.early(ctx)
		}
		if _, err := cw.Write(rest[:n]); err != nil {
			if cw.stop() {
				return s.early(ctx)
			}
			return nil, s.contentFailed(ctx, err)
		}
		rest = rest[n:]
	}
	if last {
		r, err := s.finalReplies(ctx)
		if err != nil {
			err = deliveryUnknown(err)
		}
		return r, err
	}
	return s.nextReply(ctx, c.wait)
}

// chunkBlock is the number of bytes of a chunk in one write.
const chunkBlock = 64 << 10

// MaxChunk is the largest chunk of BdatAll, in bytes: two chunks are in memory.
const MaxChunk = 64 << 20

// ChunkSize is the default size of BdatAll, in bytes.
const ChunkSize = 256 << 10

// ChunkOptions controls [Session.BdatAll].
type ChunkOptions struct {
	Size int  // bytes of a chunk, at most MaxChunk; 0 means ChunkSize
	Text bool // send every line end as CRLF
}

// BdatAll sends a whole message in chunks of the given size, the last one with LAST. It
// waits for each reply and stops at the first that is not positive. With Text the line
// endings become CRLF; dots are never stuffed. Lines of more than 998 bytes are an error,
// unless MAIL had BODY=BINARYMIME and Text is not set, or the content is [AnyLength].
// BdatAll returns the last reply read. It keeps two chunks in memory.
func (s *Session) BdatAll(ctx context.Context, content io.Reader, o ChunkOptions) (*reply.Reply, error) {
	size := o.Size
	if size <= 0 {
		size = ChunkSize
	}
	if size > MaxChunk {
		return nil, usage("BDAT", "chunks of %d bytes are larger than %d", size, MaxChunk)
	}
	if o.Text || !s.binaryMIME {
		var err error
		if content, err = checkText(content); err != nil {
			return nil, longChunk(err)
		}
	}
	if o.Text {
		content = newCRLFReader(content)
	}
	// the last chunk is kept back, so that the one with LAST is empty only if the message
	// is
	this, next := make([]byte, size), make([]byte, size)
	n, err := io.ReadFull(content, this)
	sent := int64(0)
	for {
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			// only complete chunks were sent, so the session is still in step
			return nil, &OpError{Op: "message", Kind: ErrUsage, Err: err, Advice: advise(AdviceReset)}
		}
		m := 0
		if err == nil {
			m, err = io.ReadFull(content, next)
			if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
				continue
			}
		}
		last := m == 0
		r, rerr := s.bdat(ctx, this[:n], last)
		if rerr != nil || !r.Positive() || last {
			return r, rerr
		}
		sent += int64(n)
		s.emit(event.Event{Kind: event.Progress, Sent: sent, Total: -1})
		this, next = next, this
		n = m
	}
}

// crlfReader reads a text and changes its line endings to CRLF.
type crlfReader struct {
	src  io.Reader
	buf  []byte
	out  bytes.Buffer
	text *wire.TextWriter
	err  error
}

func newCRLFReader(src io.Reader) *crlfReader {
	c := &crlfReader{src: src, buf: make([]byte, 32<<10)}
	c.text = wire.NewTextWriter(&c.out, wire.KeepDots)
	return c
}

func (c *crlfReader) Read(p []byte) (int, error) {
	for c.out.Len() == 0 && c.err == nil {
		n, err := c.src.Read(c.buf)
		c.text.Write(c.buf[:n]) //nolint:errcheck // a buffer accepts everything
		if err == io.EOF {
			c.text.Finish() //nolint:errcheck // a buffer accepts everything
		} else {
			c.text.Flush() //nolint:errcheck // a buffer accepts everything
		}
		c.err = err
	}
	if c.out.Len() > 0 {
		return c.out.Read(p)
	}
	return 0, c.err
}
