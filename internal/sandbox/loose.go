package sandbox

import (
	"bytes"
	"io"
)

// looseEnds reports whether the profile accepts another end of a message than CRLF dot CRLF.
func (p *Profile) looseEnds() bool { return p.has("lf-dot") || p.has("lf-dot-crlf") }

// readLoose reads a message with a fault in the detection of its end. LF dot LF ends it
// too, or LF dot CRLF if lf is false. It does not remove stuffed dots.
func readLoose(r io.ByteReader, b *body, lf bool) error {
	var tail []byte // the last five bytes, including those that are not kept
	for {
		c, err := r.ReadByte()
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		b.put(c)
		if len(tail) == 5 {
			copy(tail, tail[1:])
			tail = tail[:4]
		}
		tail = append(tail, c)
		if c != '\n' {
			continue
		}
		end := 0
		switch {
		case bytes.Equal(tail, []byte("\r\n.\r\n")):
			end = 3
		case bytes.HasSuffix(tail, []byte("\n.\n")) && lf:
			end = 2
		case bytes.HasSuffix(tail, []byte("\n.\r\n")) && !lf:
			end = 3
		default:
			continue
		}
		if b.lack == nil {
			b.data = b.data[:len(b.data)-min(end, len(b.data))]
		}
		b.size -= int64(end)
		return nil
	}
}

// replace replaces a text in the whole message, as if a CRLF stood before it. It reserves
// the memory for the copy first.
func (b *body) replace(old, new string) {
	if b.lack != nil {
		return
	}
	most := 3 * int64(len(b.data)+2) // a copy, and a result of at most twice its length
	if !b.c.hold(most) {
		b.fail(noMemory)
		return
	}
	changed := bytes.ReplaceAll(append([]byte("\r\n"), b.data...), []byte(old), []byte(new))
	changed = bytes.TrimPrefix(changed, []byte("\r\n"))
	if new == "\n" {
		changed = bytes.TrimPrefix(changed, []byte("\n"))
	}
	b.c.release(b.taken + most)
	b.data, b.taken = changed, 0
	if !b.c.hold(int64(cap(changed))) {
		b.fail(noMemory)
		return
	}
	b.taken = int64(cap(changed))
}
