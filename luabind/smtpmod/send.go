package smtpmod

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/advice"
	"smtpsh/internal/message"
	"smtpsh/internal/spool"
	"smtpsh/luabind"
)

// sendMessage implements session:send.
func sendMessage(c *luabind.Call) error {
	m := c.Arg(0).(*lua.LUserData).Value.(*message.Message)
	if t := c.Table(1); t != nil && lua.LVAsBool(t.RawGetString("pipeline")) {
		return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) {
			content, done, params, err := prepare(s, m)
			if err != nil {
				return nil, err
			}
			defer done()
			r, err := s.SendPipelined(ctx, m.From, m.Rcpts, content, params...)
			if err == nil && !r.Completed() {
				err = refusedError(r)
			}
			return r, err
		})
	}
	return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) { return transfer(ctx, s, m) })
}

// prepare returns a message in the form for this server, and the parameters of MAIL for it:
// a header or a recipient that is not ASCII needs SMTPUTF8 (RFC 6531 section 3.4), and bytes
// above 127 in a finished message need 8BITMIME (RFC 6152). done must be called at the end.
func prepare(s *Session, m *message.Message) (content io.Reader, done func(), params []engine.Param, err error) {
	utf8, needs := s.Has("SMTPUTF8"), m.Needs()
	content, done, err = fitted(m, message.Accepts{UTF8: utf8, EightBit: s.Has("8BITMIME")})
	if errors.As(err, new(*unreadable)) {
		return nil, nil, nil, luabind.UsageError("send: %v", err)
	}
	if err != nil {
		return nil, nil, nil, advice.With(&engine.OpError{Op: "message", Kind: engine.ErrUsage, Err: err},
			"s:data(message:bytes()) sends it as it is")
	}
	if (needs.EightBit || needs.HeaderUTF8) && s.Has("8BITMIME") {
		params = append(params, engine.Param{Key: "BODY", Value: "8BITMIME"})
	}
	if utf8 && (m.NeedsUTF8() || needs.HeaderUTF8) {
		params = append(params, engine.Param{Key: "SMTPUTF8"})
	}
	return content, done, params, nil
}

// maxSpool limits a message that is encoded again and was not in memory, in bytes.
const maxSpool = 1 << 30

// fitted returns a message in a form that a server accepts. A message of a file stays on disk.
// The content can be read again from its beginning, so that it is checked before it is sent.
func fitted(m *message.Message, a message.Accepts) (content io.Reader, done func(), err error) {
	f := m.Stream()
	switch {
	case f == nil:
		b, err := m.Fit(a)
		return bytes.NewReader(b), nothing, err
	case f.Fits(a):
		content := f.Reader()
		if _, err := content.ReadAt(make([]byte, 1), 0); err != nil && err != io.EOF { // the file may be closed: find out before MAIL
			return nil, nil, &unreadable{err}
		}
		return content, nothing, nil
	}
	again, err := spool.New(maxSpool)
	if err != nil {
		return nil, nil, err
	}
	done = func() { again.Close() } //nolint:errcheck // it was only read
	if err := f.Reencode(again, a); err != nil {
		done()
		if errors.As(err, new(*fs.PathError)) {
			err = &unreadable{err}
		}
		return nil, nil, err
	}
	return io.NewSectionReader(again, 0, again.Size()), done, nil
}

// unreadable is an error of the file of a message.
type unreadable struct{ err error }

func (e *unreadable) Error() string { return e.err.Error() }

// nothing is for contents that need no end.
func nothing() {}

var sendOpts = luabind.Class{
	Name: "smtp.SendOpts", Doc: "Options of send.",
	Keys: []luabind.Param{
		{
			Name: "pipeline", Type: "boolean", Optional: true,
			Doc: "Send MAIL, RCPT and DATA together (RFC 2920) if the server offers PIPELINING. If one of several recipients is " +
				"rejected, the connection is closed before the message.",
		},
	},
}

// transfer does one transaction and stops at the first rejection.
func transfer(ctx context.Context, s *Session, m *message.Message) (*reply.Reply, error) {
	content, done, params, err := prepare(s, m)
	if err != nil {
		return nil, err
	}
	defer done()
	envelope := engine.Envelope{From: m.From, Recipients: m.Rcpts, Params: params}
	got, err := s.Send(ctx, envelope, content, engine.SendOptions{Unchecked: true})
	if errors.Is(err, engine.ErrRefused) {
		err = refusedStep(err)
	}
	return got.Message, err
}
