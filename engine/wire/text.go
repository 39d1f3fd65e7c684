package wire

import (
	"bytes"
	"io"
	"sync"
)

// textBlock is the number of bytes that a TextWriter collects before it writes: large
// enough for full TLS records and few system calls, small enough to stay in the cache.
const textBlock = 32 << 10

// TextWriter writes a message so that it is safe to send: LF, CR and CRLF all become CRLF,
// and with Stuff each line that begins with a dot gets a second dot (RFC 5321 section
// 4.5.2). It uses constant memory.
type TextWriter struct {
	// Stuff doubles leading dots: true for DATA, false for BDAT.
	Stuff bool

	w      io.Writer
	buf    []byte
	octets int64
	midway bool // the last byte written did not end a line
	skipLF bool // a CR was written as CRLF; a LF after it belongs to it
}

// Dots sets how a TextWriter treats a dot at the beginning of a line (RFC 5321
// section 4.5.2).
type Dots bool

const (
	StuffDots Dots = true  // add a second dot, for DATA
	KeepDots  Dots = false // leave it unchanged, for BDAT
)

// NewTextWriter returns a TextWriter on w, for DATA with StuffDots.
func NewTextWriter(w io.Writer, stuff Dots) *TextWriter {
	return &TextWriter{Stuff: stuff == StuffDots, w: w, buf: make([]byte, 0, textBlock+8)}
}

// textWriters are kept for reuse.
var textWriters = sync.Pool{New: func() any { return NewTextWriter(nil, KeepDots) }}

// GetTextWriter is NewTextWriter that reuses a writer that [TextWriter.Put] returned.
func GetTextWriter(w io.Writer, stuff Dots) *TextWriter {
	t := textWriters.Get().(*TextWriter)
	*t = TextWriter{Stuff: stuff == StuffDots, w: w, buf: t.buf[:0]}
	return t
}

// Put returns the writer for reuse; do not use it afterwards.
func (t *TextWriter) Put() {
	t.w = nil
	textWriters.Put(t)
}

// Octets returns the size of the message so far, as RFC 1870 section 5 counts it: with
// CRLFs, without stuffed dots.
func (t *TextWriter) Octets() int64 { return t.octets }

// Write accepts any bytes; their division into calls makes no difference. It
// returns errors of the underlying writer.
func (t *TextWriter) Write(p []byte) (int, error) {
	total := len(p)
	again := total // where searching for ready lines is worth it again
	for len(p) > 0 {
		if t.skipLF {
			t.skipLF = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		if len(p) <= again {
			n, seen := t.ready(p)
			if n > 0 {
				if err := t.pass(p[:n]); err != nil {
					return 0, err
				}
				p = p[n:]
				continue
			}
			again = len(p) - max(seen, pause)
		}
		n := lineBreak(p)
		if n > 0 {
			if err := t.add(p[:n]); err != nil {
				return 0, err
			}
			p = p[n:]
			continue
		}
		t.skipLF = p[0] == '\r'
		p = p[1:]
		if err := t.newline(); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// enough is the number of ready bytes from which they are written without a copy.
const enough = 512

// readyBlock is the number of ready bytes in one write.
const readyBlock = 64 << 10

// pause is the number of bytes that are copied line by line after a line that was not
// ready, because the next lines are usually similar.
const pause = 4 << 10

// ready returns how many bytes of p are whole lines that need no change, and how many bytes
// were examined for that, so that no byte is examined twice. Such lines end with CRLF, have
// no other CR or LF, and begin with no dot that must be stuffed. Most large messages
// consist of such lines. Finding the line ends and counting the CRs is twice as fast as
// examining the text line by line.
func (t *TextWriter) ready(p []byte) (n, seen int) {
	//mutant:dots-are-stuffed is "enough || " "enough || false && "
	if t.midway || len(p) < enough || t.Stuff && p[0] == '.' {
		return 0, 1
	}
	p = p[:min(len(p), readyBlock)] // each write has its own time limit
	end, lines := 0, 0
	for {
		i := bytes.IndexByte(p[end:], '\n')
		if i < 1 || p[end+i-1] != '\r' {
			break
		}
		end += i + 1
		lines++
		if t.Stuff && end < len(p) && p[end] == '.' {
			break
		}
	}
	if end < enough || bytes.Count(p[:end], cr) != lines {
		return 0, end + 1
	}
	return end, end
}

var cr = []byte{'\r'}

// few is the number of bytes up to which they are copied, because a write costs more.
const few = textBlock / 2

// pass writes ready lines, without a copy if they are many.
func (t *TextWriter) pass(p []byte) error {
	if len(p) <= few {
		t.octets += int64(len(p))
		if len(t.buf)+len(p) > textBlock {
			if err := t.Flush(); err != nil {
				return err
			}
		}
		t.buf = append(t.buf, p...)
		return nil
	}
	if err := t.Flush(); err != nil {
		return err
	}
	t.octets += int64(len(p))
	_, err := t.w.Write(p)
	return err
}

// lineBreak returns the index of the first CR or LF in p, or len(p).
func lineBreak(p []byte) int {
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		i = len(p)
	}
	if j := bytes.IndexByte(p[:i], '\r'); j >= 0 {
		return j
	}
	return i
}

func (t *TextWriter) add(p []byte) error {
	if !t.midway {
		t.midway = true
		if t.Stuff && p[0] == '.' {
			t.buf = append(t.buf, '.')
		}
	}
	t.octets += int64(len(p))
	for len(p) > 0 {
		n := min(len(p), textBlock-min(len(t.buf), textBlock))
		t.buf = append(t.buf, p[:n]...)
		p = p[n:]
		if len(t.buf) >= textBlock {
			if err := t.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *TextWriter) newline() error {
	t.midway = false
	t.octets += 2
	t.buf = append(t.buf, '\r', '\n') //mutant:line-ends-leave-as-CRLF is "'\\r', '\\n'" "'\\n'"
	if len(t.buf) >= textBlock {
		return t.Flush()
	}
	return nil
}

// Flush writes the buffered bytes.
func (t *TextWriter) Flush() error {
	if len(t.buf) == 0 {
		return nil
	}
	_, err := t.w.Write(t.buf)
	t.buf = t.buf[:0]
	return err
}

// Rest ends an incomplete last line and returns the bytes that are not written yet, with
// capacity for a few more. The slice is valid until the next call.
func (t *TextWriter) Rest() ([]byte, error) {
	if t.midway {
		if err := t.newline(); err != nil {
			return nil, err
		}
	}
	return t.buf, nil
}

// Finish ends an incomplete last line and flushes. It does not write the final dot, which
// ends DATA and is not part of the message.
func (t *TextWriter) Finish() error {
	if t.midway {
		if err := t.newline(); err != nil {
			return err
		}
	}
	return t.Flush()
}
