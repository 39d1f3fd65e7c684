package sandbox

import (
	"fmt"
	"net"
)

// lack is a missing resource, because of which the server rejects what the profile accepts.
type lack struct {
	notice noticeKind
	why    string // further text for the console; "" for none
	reply  string
}

var (
	noMemory = &lack{notice: noticeMemory, reply: "452 4.3.1 the sandbox has no memory left; try again later"}
	noDisk   = &lack{notice: noticeDisk, reply: "452 4.3.1 the sandbox has no room for the message; try again later"}
	unsaved  = &lack{notice: noticeUnsaved, reply: "452 4.3.1 the sandbox cannot save the message; try again later"}
	tooBig   = &lack{} // The profile has the reply.
)

// Replies that close the connection (421), or reject AUTH or STARTTLS (454).
const (
	noRoomReply        = "421 4.3.2 the sandbox has no memory left; try again later"
	fullReply          = "421 4.3.2 too many connections; try again later"
	tooManyReply       = "421 4.7.0 too many connections from your address; try again later"
	tooFastReply       = "421 4.7.0 too many commands; try again later"
	tooManyLogins      = "454 4.7.0 too many failed logins; try again in a minute"
	loginWithoutMemory = "454 4.7.0 the sandbox has no memory left for a login; try again later"
	tlsWithoutMemory   = "454 4.7.0 the sandbox has no memory left for TLS; try again later"
)

// lacks reports on the console that something is rejected.
func (s *Server) lacks(l *lack, c *conn) {
	s.notices.tell(l.notice, 1, func() string {
		switch l.notice {
		case noticeMemory:
			if c.peer != nil && s.memory.used.Load() < s.memory.limit/2 { // The share of this address is full, not the whole memory.
				return fmt.Sprintf("connections of %s use %d MiB, a quarter of the memory limit: its commands are rejected with 452", c.clientIP(),
					s.memory.limit/peerShare>>20)
			}
			return fmt.Sprintf("the memory limit of %d MiB is reached, and no kept messages remain to drop: commands are rejected with "+
				"452, connections with 421 (first: %s)",
				s.memory.limit>>20, c.clientIP())
		case noticeUnsaved:
			return "a message could not be saved and was rejected with 452: " + l.why
		}
		return fmt.Sprintf("a message from %s did not fit into temporary files and was rejected with 452: %s", c.clientIP(), l.why)
	})
}

// lacking rejects a command because a resource is missing.
func (c *conn) lacking(l *lack) bool {
	if l == noMemory {
		c.srv.lacks(l, c)
	}
	c.mod = nil // The positive reply of a rule would lose the message.
	return c.send(l.reply)
}

// clientIP returns the address of the client without its port.
func (c *conn) clientIP() string {
	host, _, err := net.SplitHostPort(c.raw.RemoteAddr().String())
	if err != nil {
		return c.raw.RemoteAddr().String()
	}
	return host
}

// peerShare limits the memory of the connections of one address to 1/peerShare of all, so
// that one client leaves memory for others.
const peerShare = 4

// hold reserves n bytes of memory for this connection and reports whether there is room.
// Only the connection's goroutine may call it.
func (c *conn) hold(n int64) bool {
	if n <= 0 {
		return true
	}
	//mutant:one-address-leaves-memory-to-others is "/peerShare" ""
	if c.peer != nil && c.peer.reserved.Add(n) > c.srv.memory.limit/peerShare {
		c.peer.reserved.Add(-n)
		return false
	}
	if !c.srv.memory.take(n) {
		if c.peer != nil {
			c.peer.reserved.Add(-n)
		}
		return false
	}
	c.reserved += n
	return true
}

// release gives n bytes of this connection back.
func (c *conn) release(n int64) {
	if n <= 0 {
		return
	}
	c.handOver(n)
	c.srv.memory.give(n)
}

// handOver moves n bytes of this connection to another owner, who gives them back.
func (c *conn) handOver(n int64) {
	c.reserved -= n
	if c.peer != nil {
		c.peer.reserved.Add(-n)
	}
}

// forget ends the current transaction and gives its memory back.
func (c *conn) forget() {
	c.release(c.tx.taken)
	c.tx.chunks.drop()
	c.tx = transaction{}
}
