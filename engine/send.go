package engine

import (
	"context"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/secret"
)

// endOfData is used as the verb of the final dot.
const endOfData = "."

// window is the number of bytes of unanswered commands in a pipeline. With more, the
// replies could fill the network while the server does not read, and client and server
// would wait for each other (RFC 2920 section 3.1).
const window = 8 << 10

// command is one line to send.
type command struct {
	verb, arg string
	line      []byte // without line ending
	secrets   []secret.Span
	wait      time.Duration
	sentAt    time.Time // when sending began; zero before
}

// sendOne sends a single command.
func (s *Session) sendOne(ctx context.Context, c command) error {
	c.secrets = s.withKnown(c.line, c.secrets)
	group := [1]command{c}
	_, err := s.send(ctx, c.verb, c.wait, group[:])
	return err
}

// send is the only function that sends command lines, except raw bytes. It writes as many
// commands as fit into the window, at least one, in a single write, reports them to the
// observer, and queues them for their replies. Their secrets must be complete. op names the
// step in errors. It returns the number of commands that were sent.
func (s *Session) send(ctx context.Context, op string, wait time.Duration, group []command) (int, error) {
	out, n, begun := s.sendBuffer[:0], 0, time.Now()
	for i := range group {
		c := &group[i]
		if n > 0 && len(out)+len(c.line)+2 > window {
			break
		}
		from := len(out)
		out = append(append(out, c.line...), '\r', '\n')
		if s.opts.Observer != nil {
			s.emit(event.Event{Kind: event.CommandStart, Verb: c.verb, Time: begun})
			s.emit(event.Event{Kind: event.LineSent, Data: out[from:], Secrets: c.secrets, Verb: c.verb, Time: begun})
		}
		n++
	}
	s.sendBuffer = out
	if err := s.write(ctx, op, out, wait); err != nil {
		return 0, err
	}
	for i := range group[:n] {
		c := group[i]
		if c.sentAt = begun; n == 1 {
			s.enqueueOut(c)
		} else {
			s.enqueue(c)
		}
	}
	return n, nil
}

// write sends bytes within a wait; op names the step in errors.
func (s *Session) write(ctx context.Context, op string, b []byte, wait time.Duration) error {
	s.nameWait(op)
	defer s.endWait(s.beginWait(ctx, wait))
	if _, err := s.conn.Write(b); err != nil {
		return s.fail(ctx, op, err)
	}
	return nil
}

func (s *Session) enqueue(c command) {
	line := string(secret.MaskSpans(c.line, c.secrets))
	s.queue = append(s.queue, sent{verb: c.verb, arg: c.arg, line: line, sentAt: c.begun()})
}

// begun returns when sending began. The reply can arrive before the write returns.
func (c *command) begun() time.Time {
	if c.sentAt.IsZero() {
		return time.Now()
	}
	return c.sentAt
}

// enqueueOut is enqueue for a command that is alone in the queue. Its line stays in
// s.sendBuffer until its reply is read, so no copy is needed.
func (s *Session) enqueueOut(c command) {
	if len(s.queue) > 0 || len(c.secrets) > 0 {
		s.enqueue(c)
		return
	}
	s.queue = append(s.queue, sent{verb: c.verb, arg: c.arg, out: s.sendBuffer[:len(c.line)], sentAt: c.begun()})
}
