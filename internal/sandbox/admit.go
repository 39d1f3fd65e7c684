package sandbox

import (
	"fmt"
	"net"
	"time"
)

// admit serves a connection, or rejects it with a reply.
func (s *Server) admit(d Service, nc net.Conn) {
	p, reply := s.enter(nc)
	s.mu.Lock()
	full := reply == "" && len(s.conns) >= maxConns
	if full || reply == "" && s.closed {
		s.memory.give(connCost)
		if p != nil {
			p.reserved.Add(-connCost)
		}
		s.peers.leave(p)
		reply = fullReply
	}
	if reply != "" {
		s.mu.Unlock()
		if full {
			s.notices.tell(noticeConns, 1, func() string {
				return fmt.Sprintf("the limit of %d open connections is reached: new connections are rejected with 421", maxConns)
			})
		}
		nc.SetWriteDeadline(time.Now().Add(time.Second))
		nc.Write([]byte(reply + "\r\n")) //nolint:errcheck // The client may have left.
		nc.Close()
		return
	}
	s.serial++
	c := newConn(s, d, nc, s.serial, p)
	s.conns[c] = struct{}{}
	s.wg.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.wg.Done()
		c.serve()
		s.peers.leave(p)
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
}

// enter counts a connection and reserves its memory. It returns "" or the reply that
// rejects the connection. Each connection counts as a command, because it costs as much.
func (s *Server) enter(nc net.Conn) (p *peer, reply string) {
	p, reply = s.peers.enter(nc.RemoteAddr())
	probe := &conn{srv: s, raw: nc, peer: p}
	if reply != "" {
		s.notices.tell(noticeConns, 1, func() string {
			l := s.opts.Limits
			return fmt.Sprintf("a connection from %s is rejected with 421: the limits are %d for one address and %d for all", probe.clientIP(),
				l.ConnsPerClient, l.Conns)
		})
		return nil, reply
	}
	if !probe.mayCommand(time.Now()) {
		s.peers.leave(p)
		return nil, tooFastReply
	}
	if !s.memory.take(connCost) { //mutant:memory-of-connections-is-counted never
		s.peers.leave(p)
		s.lacks(noMemory, probe)
		return nil, noRoomReply
	}
	if p != nil {
		p.reserved.Add(connCost)
	}
	return p, ""
}
