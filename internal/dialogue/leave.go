package dialogue

import (
	"context"
	"strings"
	"time"
)

// leave says QUIT on the connections that the dialogue has opened and left open (RFC 5321
// section 4.1.1.10). What the server says to that does not count, unless it is a refusal
// or comes with a reply that answers no command.
func (p *player) leave(ctx context.Context, s *Script) error {
	var first error
	begun := time.Now()
	for _, o := range p.opened {
		if p.ended[o] || time.Since(begun) > leaveTime { // silent servers are not waited for one by one
			continue
		}
		if err := p.env.Leave(ctx, o); err != nil && first == nil {
			first = &PlayError{File: s.Name, Line: len(s.lines), Err: err, Session: o}
		}
	}
	return first
}

// leaveTime bounds the wait for the reply to the QUIT of a connection that was left open.
const leaveTime = 2 * time.Second

// lastLook is how long a connection is looked at for words that nobody asked for.
const lastLook = 5 * time.Millisecond

// nothingLeft wants no reply more than was asked for on the connections that the
// dialogue has opened: a server that says too much would be one reply ahead.
func (p *player) nothingLeft(ctx context.Context, s *Script) error {
	for _, c := range p.conns {
		if err := c.loggedIn(&Step{File: s.Name, Line: len(s.lines)}); err != nil {
			return err
		}
	}
	for _, o := range p.opened {
		if o.Closed() || p.ended[o] {
			continue
		}
		if o.Unread() > 0 {
			got := "nothing"
			if r, err := o.ReadReply(ctx, p.timeout); err == nil {
				got = "S: " + strings.TrimRight(r.Shown(), "\r\n")
			}
			return &Mismatch{File: s.Name, Line: len(s.lines), Want: "an S: line for each command", Got: got, Session: o,
				Hint: "add an S: line for each reply (S: ... matches any reply), or end the connection with :close"}
		}
		if r, err := o.ReadReply(ctx, lastLook); err == nil && r.Code != 421 {
			return &Mismatch{
				File: s.Name, Line: len(s.lines), Want: "nothing more",
				Got: "S: " + strings.TrimRight(r.Shown(), "\r\n"), Reply: r, Session: o,
				Hint: "add an S: line for it, or end the connection with :close",
			}
		}
	}
	return nil
}
