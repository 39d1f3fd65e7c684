package engine

import (
	"context"

	"smtpsh/engine/reply"
	"smtpsh/engine/secret"
)

// Exchange is one command of a pipeline with its reply. Reply is nil if the pipeline failed
// before it.
type Exchange struct {
	Line  string // secrets masked
	Reply *reply.Reply
}

// Pipeline sends several lines at once and then reads their replies, matched by
// order (RFC 2920), whether or not the server offers PIPELINING. Lines that fit
// into 8 KiB are sent in a single write. At an error Pipeline stops and returns the
// replies read so far.
func (s *Session) Pipeline(ctx context.Context, lines ...string) ([]Exchange, error) {
	cmds := make([]command, 0, len(lines))
	afterAuth := false
	for _, l := range lines {
		c, err := s.parseLine(l, lineBehind(afterAuth))
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
		n, err := s.send(ctx, "pipeline", s.opts.Timeouts.Command, cmds[i:])
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
