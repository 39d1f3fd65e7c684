package sandbox

import (
	"strconv"
	"strings"
	"time"
)

func (c *conn) doBdat(arg string) bool {
	if c.p.has("bdat-lie") {
		return c.say("unknown-command")
	}
	size, last, ok := parseBdat(arg)
	if !ok || !c.service.offers("CHUNKING") {
		c.say("bdat-syntax")
		return false // The length of the chunk is unknown, so the next command cannot be found.
	}
	// The chunk is read even if it is rejected, or its bytes would be executed as commands.
	var b *body
	if c.tx.open && len(c.tx.rcpts) > 0 && !c.tx.failed {
		if c.tx.chunks == nil {
			c.tx.chunks = c.newBody()
		}
		b = c.tx.chunks
	}
	if err := c.readChunk(size, b); err != nil {
		return false
	}
	if ok, alive := c.gate(); !ok {
		return alive
	}
	switch {
	case !c.tx.open:
		return c.say("rcpt-before-mail")
	case len(c.tx.rcpts) == 0:
		return c.say("data-before-rcpt")
	case c.tx.failed:
		return c.refuseChunk(c.p.situation("bdat-after-failure"), last)
	}
	b.show()
	c.tx.chunking = true
	if b.size > c.service.maxSize {
		b.drop()
		c.tx.failed = true
		return c.refuseChunk(c.p.situation("too-big"), last)
	}
	if b.lack != nil {
		c.tx.failed = true
		return c.refuseChunk(Situation{Reply: b.lack.reply}, last)
	}
	if !last {
		return c.say("bdat-chunk-ok", "{n}", strconv.FormatInt(size, 10))
	}
	b.end()
	c.tx.chunks = nil
	defer b.drop() // Only if the message was not kept.
	return c.complete(b, byBDAT)
}

// refuseChunk rejects a chunk. The last chunk ends the transaction; LMTP then requires a
// reply for each recipient (RFC 2033 section 4.3).
func (c *conn) refuseChunk(s Situation, last bool) bool {
	n := 1
	if last {
		if c.lmtp {
			n = len(c.tx.rcpts)
		}
		c.forget()
	}
	for range n {
		if !c.saySituation(s) {
			return false
		}
	}
	return true
}

func parseBdat(arg string) (size int64, last, ok bool) {
	f := strings.Fields(arg)
	if len(f) < 1 || len(f) > 2 {
		return 0, false, false
	}
	n, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil || n < 0 || n > maxWithinData {
		return 0, false, false
	}
	if len(f) == 2 {
		if !strings.EqualFold(f[1], "LAST") {
			return 0, false, false
		}
		last = true
	}
	return n, last, true
}

// readChunk reads exactly size bytes into b, or drops them if b is nil. It renews the read
// deadline while bytes arrive.
func (c *conn) readChunk(size int64, b *body) error {
	for size > 0 {
		if c.r.Buffered() == 0 {
			c.nc.SetReadDeadline(time.Now().Add(c.srv.opts.Idle))
			if _, err := c.r.Peek(1); err != nil {
				return err
			}
		}
		n := int(min(size, int64(c.r.Buffered())))
		part, err := c.r.Peek(n)
		if err != nil {
			return err
		}
		if b != nil {
			b.Write(part) //nolint:errcheck // Write never fails.
		}
		c.r.Discard(n) //nolint:errcheck // The bytes are in the buffer.
		size -= int64(n)
	}
	return nil
}
