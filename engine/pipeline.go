package engine

import (
	"context"
	"time"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
)

// window is how many octets of commands may be unanswered in a pipeline. A
// server whose replies fill the network while it reads no commands would
// otherwise wait for us and we for it (RFC 2920 section 3.1 warns of it).
const window = 8 << 10

// Exchange is one command of a pipeline with its reply; Reply is nil when the
// pipeline failed before it.
type Exchange struct {
	Line  string // secrets masked
	Reply *reply.Reply
}

// Pipeline sends several lines at once and then reads their replies, matched by
// order (RFC 2920), whether or not the server offers PIPELINING. Groups that fit
// into 8 KiB leave in a single write. It stops at an error and returns what was
// answered so far.
func (s *Session) Pipeline(ctx context.Context, lines ...string) ([]Exchange, error) {
	cmds := make([]command, 0, len(lines))
	afterAuth := false
	for _, l := range lines {
		c, err := s.parseLine(l, afterAuth)
		if err != nil {
			return nil, err
		}
		afterAuth = c.verb == "AUTH"
		cmds = append(cmds, c)
	}
	return s.pipeline(ctx, cmds)
}

func (s *Session) pipeline(ctx context.Context, cmds []command) ([]Exchange, error) {
	if err := s.ready("pipeline"); err != nil {
		return nil, err
	}
	if s.pipelinesPRDR(cmds) {
		return nil, noPRDR("pipeline")
	}
	out := make([]Exchange, len(cmds))
	for i := range cmds {
		c := &cmds[i]
		c.secrets = s.withKnown(c.line, c.secrets)
		out[i].Line = string(secret.MaskSpans(c.line, c.secrets))
	}
	for _, c := range cmds {
		if err := s.tooLongFor(c.verb, len(c.line)); err != nil {
			return nil, err
		}
	}
	read := 0
	for i := 0; i < len(cmds); {
		n, err := s.writeGroup(ctx, cmds[i:])
		if err != nil {
			return out, err
		}
		i += n
		for ; read < i; read++ {
			r, err := s.nextReply(ctx, cmds[read].wait)
			if err != nil {
				return out, err
			}
			out[read].Reply = r
		}
	}
	return out, nil
}

// writeGroup sends as many commands as fit into the window, at least one.
func (s *Session) writeGroup(ctx context.Context, cmds []command) (int, error) {
	group := s.out[:0]
	n, begun := 0, time.Now()
	for _, c := range cmds {
		if n > 0 && len(group)+len(c.line)+2 > window {
			break
		}
		from := len(group)
		group = append(append(group, c.line...), '\r', '\n')
		if s.opts.Observer != nil {
			s.emit(event.Event{Kind: event.CommandStart, Verb: c.verb, Time: begun})
			s.emit(event.Event{Kind: event.LineSent, Data: group[from:], Secrets: c.secrets, Verb: c.verb, Time: begun})
		}
		n++
	}
	s.out = group
	if err := s.write(ctx, "pipeline", group, s.opts.Timeouts.Command); err != nil {
		return 0, err
	}
	for _, c := range cmds[:n] {
		c.at = begun
		s.enqueue(c)
	}
	return n, nil
}
