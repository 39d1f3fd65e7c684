package sandbox

import (
	"smtpsh/engine/event"
)

// Sizes of the buffers for a message that is being received, in bytes.
const (
	firstBuffer = 8 << 10  // kept for the next message; connCost includes it
	writeBuffer = 64 << 10 // for a message whose beginning is in a file
)

// body is a message that is being received: in memory up to a size, beyond it in a
// temporary file. It reserves memory before it allocates it. When there is none left, it
// drops the rest of the message.
type body struct {
	c        *conn
	data     []byte // the part in memory
	file     *spill // the part before data; nil while everything is in memory
	most     int64  // size limit of a message that is kept
	spill    int    // bytes in memory before a file is used; 0 for never
	taken    int64  // bytes reserved for data, without the connection's first buffer
	observed int    // bytes of data that the observer has seen

	size     int64 // bytes of the message, including those that are not kept
	lack     *lack // why the message is not kept; nil if it is
	bareEnds bool  // the message has a bare CR or LF
	longest  int   // bytes of the longest line with its CRLF
}

// newBody returns an empty message.
func (c *conn) newBody() *body {
	if c.first == nil {
		c.first = make([]byte, 0, firstBuffer)
	}
	b := &body{c: c, data: c.first[:0], most: c.service.maxSize, spill: int(c.srv.opts.Spill)}
	if c.p.looseEnds() || c.p.has("dots-kept") || c.p.has("lines-changed") {
		b.spill = 0 // These faults change the whole message at its end.
	}
	return b
}

// put appends a byte.
func (b *body) put(c byte) {
	b.size++
	if (len(b.data) == cap(b.data) || b.size > b.most) && !b.room() {
		return
	}
	b.data = append(b.data, c)
}

// Write appends bytes. It never fails; it drops bytes that cannot be kept.
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

// room makes room for more bytes and reports whether the next byte is kept.
func (b *body) room() bool {
	if b.lack != nil {
		return false
	}
	if b.size > b.most {
		if !b.c.p.has("size-ignored") {
			b.drop() // The message will be rejected.
			b.lack = tooBig
		}
		return false
	}
	if b.spill > 0 && len(b.data) >= b.spill || b.file != nil {
		return b.flush()
	}
	n := 2 * cap(b.data)
	if n > 1<<20 {
		n = cap(b.data) + cap(b.data)/4 // The old and the new buffer exist at the same time.
	}
	if b.spill > 0 {
		n = min(n, b.spill)
	}
	return b.regrow(n)
}

// regrow moves the data into a buffer of n bytes. It returns false if there is no memory for it.
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

// flush moves the data from memory into the file.
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

// fail drops the message, records the reason and reports it on the console.
func (b *body) fail(why *lack) {
	b.drop()
	b.lack = why
	b.c.srv.lacks(why, b.c)
}

// drop releases the memory and removes the file. A second call does nothing.
func (b *body) drop() {
	if b == nil {
		return
	}
	b.file.close()
	b.file, b.data, b.observed = nil, nil, 0
	b.c.release(b.taken)
	b.taken = 0
}

// show passes the bytes that the observer has not seen to the observer.
func (b *body) show() {
	b.c.emit(event.Event{Kind: event.ChunkReceived, Data: b.data[b.observed:], Content: true})
	b.observed = len(b.data)
}

// end completes the message: it is then all in memory or all in its file, and its reserved
// memory is adjusted to its size.
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
	if exact := len(b.data); b.taken == 0 || cap(b.data)-exact > exact/4 { // The connection keeps its first buffer.
		b.regrow(exact)
	}
}

// head returns the first maxHeader bytes of the message, or nil if they cannot be read.
func (b *body) head() []byte {
	if b.file != nil {
		return b.file.head()
	}
	return b.data[:min(len(b.data), maxHeader)]
}
