package sandbox

import (
	"bytes"
	"io"
)

// looseEnds reports that something else than CRLF dot CRLF ends a message.
func (p *Profile) looseEnds() bool { return p.has("lf-dot") || p.has("lf-dot-crlf") }

// readLoose is readData as a careless server has it: a dot between line feeds
// ends the message, and between LF and CRLF if lf is false.
func readLoose(r io.ByteReader, b *body, lf bool) error {
	var tail []byte // the last octets, also of what is not kept
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

// replace changes the message as a whole, as if it began behind a line end. The memory
// for that is reserved first.
func (b *body) replace(old, new string) {
	if b.lack != nil {
		return
	}
	most := 3 * int64(len(b.data)+2) // a copy, and at most twice its length
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
