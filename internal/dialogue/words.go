package dialogue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/duration"
	"smtpsh/transcript"
)

func (p *player) directive(ctx context.Context, st *Step) error {
	args := make([]string, len(st.Args))
	for i, a := range st.Args {
		var err error
		plain := asIs
		if st.Text == "write" || st.Text == "garbage" {
			plain = inWrite
		}
		if args[i], err = p.substitute(st, a, plain); err != nil {
			return err
		}
	}
	switch st.Text {
	case "match":
		p.codes = args[0] == "codes"
		return nil
	case "setup":
		p.setup = args[0] == "on"
		return nil
	case "timeout":
		p.timeout, _ = duration.Parse(args[0])
		return nil
	case "include":
		return p.include(ctx, st, args[0])
	case "open":
		return p.openWord(ctx, st, args)
	}
	if c := p.conns[st.Conn]; c != nil {
		if err := p.flush(ctx, c, st); err != nil {
			return err
		}
	}
	switch st.Text {
	case "wait":
		d, _ := duration.Parse(args[0])
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	case "use":
		_, err := p.conn(ctx, &Step{File: st.File, Line: st.Line, Conn: args[0], Kind: Directive})
		return err
	}
	return p.onConn(ctx, st, args)
}

func (p *player) onConn(ctx context.Context, st *Step, args []string) error {
	target := st
	if st.Text == "close" && len(args) == 1 {
		target = &Step{File: st.File, Line: st.Line, Conn: args[0], Kind: Directive}
	}
	c, err := p.conn(ctx, target)
	if err != nil {
		return err
	}
	switch st.Text {
	case "close":
		p.ended[c.s] = true
		c.s.Close()
	case "write":
		c.greeted, c.raw = true, true
		if err := c.s.Write(ctx, []byte(args[0])); err != nil {
			return &PlayError{File: st.File, Line: st.Line, Err: err, Session: c.s}
		}
	case "eof":
		if err := c.loggedIn(st); err != nil {
			return err
		}
		ended, err := c.s.EOF(ctx, p.timeout)
		if !ended {
			if err != nil && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return &Mismatch{File: st.File, Line: st.Line, Want: "the end of the connection", Got: "an open connection", Session: c.s}
		}
	case "login":
		return p.login(ctx, c, st, args)
	case "garbage":
		return p.garbage(ctx, c, st, args[0])
	}
	return nil
}

// garbage returns an error unless the server sends this line, which is not a reply.
func (p *player) garbage(ctx context.Context, c *connection, st *Step, bytes string) error {
	want := "a line that is not a reply: " + st.Args[0]
	r, err := p.next(ctx, c, st)
	if err == nil {
		return &Mismatch{File: st.File, Line: st.Line, Want: want, Got: "S: " + strings.TrimRight(r.Shown(), "\r\n"), Reply: r, Session: c.s}
	}
	var broken *engine.ProtocolError
	if !errors.As(err, &broken) {
		return &PlayError{File: st.File, Line: st.Line, Err: err, Session: c.s}
	}
	p.ended[c.s] = true
	if got := strings.TrimSuffix(strings.TrimSuffix(string(broken.Raw), "\n"), "\r"); got != bytes {
		return &Mismatch{File: st.File, Line: st.Line, Want: want, Got: transcript.Escape(got), Session: c.s}
	}
	return nil
}

func (p *player) login(ctx context.Context, c *connection, st *Step, args []string) error {
	var o engine.AuthOptions
	for _, a := range args {
		key, value, _ := strings.Cut(a, "=")
		switch key {
		case "mech":
			o.Mechanism = value
		case "user":
			o.Credentials.Username = value
		case "pass":
			o.Credentials.Password = value
		case "token":
			o.Credentials.Token = value
		case "authzid":
			o.Credentials.Authzid = value
		}
	}
	r, err := c.s.Auth(ctx, o)
	if err != nil {
		return &PlayError{File: st.File, Line: st.Line, Err: err, Session: c.s}
	}
	c.greeted, c.pending, c.last = true, r, r
	return nil
}

func (p *player) openWord(ctx context.Context, st *Step, args []string) error {
	target := ""
	if len(args) > 0 && args[0] != "as" {
		target = args[0]
	}
	if n := len(args); n >= 2 && args[n-2] == "as" {
		st = &Step{File: st.File, Line: st.Line, Conn: args[n-1], Kind: Directive}
	}
	if old := p.conns[st.Conn]; old != nil {
		if err := p.flush(ctx, old, st); err != nil {
			return err
		}
	}
	_, err := p.open(ctx, st, target)
	return err
}

// maxIncludes limits the depth of :include.
const maxIncludes = 20

func (p *player) include(ctx context.Context, st *Step, name string) error {
	if p.env.Include == nil {
		return p.fault(st, errors.New(":include works only in a file"), "")
	}
	if p.depth++; p.depth > maxIncludes {
		return p.fault(st, errors.New("the files include each other in a loop"), "")
	}
	defer func() { p.depth-- }()
	text, err := p.env.Include(name)
	if err != nil {
		return p.fault(st, fmt.Errorf("cannot include %s: %w", name, err), "paths are relative to the dialogue, and stay in its folder")
	}
	inner, err := Parse(name, text)
	if err != nil {
		return err
	}
	for i := range inner.Steps {
		if inner.Steps[i].Conn == "" {
			inner.Steps[i].Conn = st.Conn
		}
	}
	for i := range inner.Steps {
		if err := p.step(ctx, &inner.Steps[i]); err != nil {
			return err
		}
	}
	return nil
}
