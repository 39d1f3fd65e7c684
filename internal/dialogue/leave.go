package dialogue

import (
	"context"
	"strings"
	"time"
)

// leave sends QUIT on the connections that the dialogue opened and did not close (RFC 5321
// section 4.1.1.10). The reply is ignored, unless the server rejects QUIT or also sends a
// reply that answers no command.
func (p *player) leave(ctx context.Context, s *Script) error {
	var first error
	begun := time.Now()
	for _, o := range p.opened {
		if p.ended[o] || time.Since(begun) > leaveTime { // the time limit is for all connections together
			continue
		}
		if err := p.env.Leave(ctx, o); err != nil && first == nil {
			first = &PlayError{File: s.Name, Line: len(s.lines), Err: err, Session: o}
		}
	}
	return first
}

// leaveTime is the time limit for the replies to these QUIT commands.
const leaveTime = 2 * time.Second

// lastLook is the time to wait for unsolicited replies at the end.
const lastLook = 5 * time.Millisecond

// nothingLeft returns an error if the server sent more replies than commands on a connection
// that the dialogue opened.
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
