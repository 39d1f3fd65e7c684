package sandbox

import (
	"smtpsh/engine/event"
)

// Sizes of the buffers for a message under way.
const (
	firstBuffer = 8 << 10  // kept for the next message; a connection has paid for it
	writeBuffer = 64 << 10 // of a message whose beginning is in a file
)

// body is a message under way: in memory up to a size, beyond it in a temporary file.
// Its memory is reserved before it is allocated; when there is none left, the rest of
// the message is read and dropped.
type body struct {
	c        *conn
	data     []byte // what is in memory
	file     *spill // what came before that; nil while everything is in memory
	most     int64  // the largest message that is kept
	spill    int    // octets in memory before a file is used; 0 for never
	taken    int64  // reserved for data, beyond the connection's first buffer
	observed int    // octets of data that the observer has seen

	size     int64 // octets of the message, also those that are not kept
	lack     *lack // why nothing is kept any more
	bareEnds bool  // a CR or LF on its own was seen
	longest  int   // octets of the longest line with its CRLF
}

// newBody begins a message.
func (c *conn) newBody() *body {
	if c.first == nil {
		c.first = make([]byte, 0, firstBuffer)
	}
	b := &body{c: c, data: c.first[:0], most: c.service.maxSize, spill: int(c.srv.opts.Spill)}
	if c.p.looseEnds() || c.p.has("dots-kept") || c.p.has("lines-changed") {
		b.spill = 0 // these faults change the message as a whole
	}
	return b
}

// put appends an octet.
func (b *body) put(c byte) {
	b.size++
	if (len(b.data) == cap(b.data) || b.size > b.most) && !b.room() {
		return
	}
	b.data = append(b.data, c)
}

// Write appends octets. It never fails: what cannot be kept is dropped.
func (b *body) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if left := b.most - b.size; left < int64(len(p)) {
			b.size += int64(len(p))
			b.room()
			break
		}
		if len(b.data) == cap(b.data) && !b.room() {
			b.size += int64(len(p))
			break
		}
		k := min(len(p), cap(b.data)-len(b.data))
		b.data = append(b.data, p[:k]...)
		b.size += int64(k)
		p = p[k:]
	}
	return n, nil
}

// room makes room for more, and reports whether the next octet is kept.
func (b *body) room() bool {
	if b.lack != nil {
		return false
	}
	if b.size > b.most {
		if !b.c.p.has("size-ignored") {
			b.drop() // it is refused anyway
			b.lack = tooBig
		}
		return false
	}
	if b.spill > 0 && len(b.data) >= b.spill || b.file != nil {
		return b.flush()
	}
	n := 2 * cap(b.data)
	if n > 1<<20 {
		n = cap(b.data) + cap(b.data)/4 // both buffers are there for a moment
	}
	if b.spill > 0 {
		n = min(n, b.spill)
	}
	return b.regrow(n)
}

// regrow moves the data into a buffer of n octets.
func (b *body) regrow(n int) bool {
	if !b.c.hold(int64(n)) { //mutant:memory-of-messages-under-way-is-counted never
		b.fail(noMemory)
		return false
	}
	b.c.release(b.taken)
	b.taken = int64(n)
	b.data = append(make([]byte, 0, n), b.data...)
	return true
}

// flush writes what is in memory into the file.
func (b *body) flush() bool {
	var err error
	if b.file == nil {
		b.file, err = newSpill(&b.c.srv.disk, b.c.srv.opts.TempDir)
	}
	if err == nil {
		_, err = b.file.Write(b.data)
	}
	if err != nil {
		b.fail(&lack{noDisk.notice, err.Error(), noDisk.reply})
		return false
	}
	b.show()
	b.data, b.observed = b.data[:0], 0
	if cap(b.data) > writeBuffer {
		b.data = nil
		return b.regrow(writeBuffer)
	}
	return true
}

// fail drops what there is and remembers the reason.
func (b *body) fail(why *lack) {
	b.drop()
	b.lack = why
	b.c.srv.lacks(why, b.c)
}

// drop gives memory and file back. It may be called twice.
func (b *body) drop() {
	if b == nil {
		return
	}
	b.file.close()
	b.file, b.data, b.observed = nil, nil, 0
	b.c.release(b.taken)
	b.taken = 0
}

// show gives the observer what it has not seen of the message.
func (b *body) show() {
	b.c.emit(event.Event{Kind: event.ChunkReceived, Data: b.data[b.observed:], Content: true})
	b.observed = len(b.data)
}

// end completes the message: it is all in memory or all in its file, and what it takes
// of the memory is reserved exactly.
func (b *body) end() {
	if b.lack != nil {
		return
	}
	if b.file != nil {
		if _, err := b.file.Write(b.data); err != nil {
			b.fail(&lack{noDisk.notice, err.Error(), noDisk.reply})
			return
		}
		b.data = nil
		b.c.release(b.taken)
		b.taken = 0
		return
	}
	if exact := len(b.data); b.taken == 0 || cap(b.data)-exact > exact/4 { // the first buffer stays with the connection
		b.regrow(exact)
	}
}

// head is the beginning of the message, as much as its header may have; nil if it cannot
// be read.
func (b *body) head() []byte {
	if b.file != nil {
		return b.file.head()
	}
	return b.data[:min(len(b.data), maxHeader)]
}
