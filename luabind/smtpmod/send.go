package smtpmod

import (
	"bytes"
	"context"
	"errors"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/advice"
	"smtpsh/internal/message"
	"smtpsh/luabind"
)

// sendMessage implements session:send.
func sendMessage(c *luabind.Call) error {
	m := c.Arg(0).(*lua.LUserData).Value.(*message.Message)
	if t := c.Table(1); t != nil && lua.LVAsBool(t.RawGetString("pipeline")) {
		return exchange(c, func(ctx context.Context, s *Session) (*reply.Reply, error) {
			content, params, err := prepare(s, m)
			if err != nil {
				return nil, err
			}
			r, err := s.SendPipelined(ctx, m.From, m.Rcpts, bytes.NewReader(content), params...)
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
// above 127 in a finished message need 8BITMIME (RFC 6152).
func prepare(s *Session, m *message.Message) ([]byte, []engine.Param, error) {
	utf8, needs := s.Has("SMTPUTF8"), m.Needs()
	content, err := m.Fit(message.Accepts{UTF8: utf8, EightBit: s.Has("8BITMIME")})
	if err != nil {
		return nil, nil, advice.With(&engine.OpError{Op: "message", Kind: engine.ErrUsage, Err: err}, "s:data(message:bytes()) sends it as it is")
	}
	var params []engine.Param
	if (needs.EightBit || needs.HeaderUTF8) && s.Has("8BITMIME") {
		params = append(params, engine.Param{Key: "BODY", Value: "8BITMIME"})
	}
	if utf8 && (m.NeedsUTF8() || needs.HeaderUTF8) {
		params = append(params, engine.Param{Key: "SMTPUTF8"})
	}
	return content, params, nil
}

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
	content, params, err := prepare(s, m)
	if err != nil {
		return nil, err
	}
	envelope := engine.Envelope{From: m.From, Recipients: m.Rcpts, Params: params}
	got, err := s.Send(ctx, envelope, bytes.NewReader(content), engine.SendOptions{Unchecked: true})
	if errors.Is(err, engine.ErrRefused) {
		err = refusedStep(err)
	}
	return got.Message, err
}
