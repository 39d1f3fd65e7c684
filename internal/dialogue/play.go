package dialogue

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/advice"
)

// Env has the functions and options for playing a dialogue.
type Env struct {
	// Session is the first connection; if nil, it is opened when needed.
	Session *engine.Session
	// Open connects to a target, "" for the default one.
	Open func(ctx context.Context, target string) (*engine.Session, error)
	// Leave sends QUIT on a connection that the dialogue opened and did not close. It returns
	// an error if the server sent a reply that answers no command. If nil, the wait for the
	// reply is limited to two seconds.
	Leave func(ctx context.Context, s *engine.Session) error
	// Var and Secret look up {var:NAME} and {secret:NAME}.
	Var    func(name string) (string, bool)
	Secret func(name string) (string, bool, error)
	// Server is the target of --server; it replaces a recorded target.
	Server string
	// Include reads another file.
	Include func(name string) (string, error)
	// Timeout is the time limit for each reply; 0 is that of the session.
	Timeout time.Duration
	// Codes compares only codes.
	Codes bool
	// Now is the clock, for {date}.
	Now func() time.Time
}

// connection is the state of one connection of a dialogue.
type connection struct {
	s       *engine.Session
	greeted bool   // the greeting was expected, or skipped
	out     []byte // sent before the next reply is read
	last    *reply.Reply
	raw     bool         // :write was used, so replies cannot be counted
	pending *reply.Reply // the final reply of :login, for the next S: line
	message bool         // the server reads a message: 354 was received, and no dot sent since
}

// loggedIn returns an error if a :login step that no S: line checks was refused.
func (c *connection) loggedIn(st *Step) error {
	r := c.pending
	c.pending = nil
	if r == nil || r.Completed() {
		return nil
	}
	return &Mismatch{
		File: st.File, Line: st.Line, Want: "a successful login",
		Got: "S: " + strings.TrimRight(r.Shown(), "\r\n"), Reply: r, Session: c.s,
		Hint: "if the login should be rejected, write an S: line after :login",
	}
}

// player plays one dialogue.
type player struct {
	env      Env
	conns    map[string]*connection
	captures map[string]string
	codes    bool
	setup    bool
	timeout  time.Duration
	opened   []*engine.Session
	depth    int
	ended    map[*engine.Session]bool // by :close or :eof
}

// Play plays the dialogue and returns the text that its {names} captured. It closes the
// connections that it opened. The error is a [*Mismatch], a [*PlayError], or that of ctx.
func (s *Script) Play(ctx context.Context, env Env) (map[string]string, error) {
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Leave == nil {
		env.Leave = func(ctx context.Context, s *engine.Session) error {
			ctx, cancel := context.WithTimeout(ctx, leaveTime)
			defer cancel()
			if err := s.Leave(ctx); engine.Unasked(err) {
				return err
			}
			return nil
		}
	}
	p := &player{
		env: env, conns: map[string]*connection{}, ended: map[*engine.Session]bool{},
		captures: map[string]string{}, codes: env.Codes, timeout: env.Timeout,
	}
	if env.Session != nil {
		p.conns[""] = &connection{s: env.Session, greeted: true}
	}
	defer func() {
		for _, s := range p.opened {
			s.Close()
		}
	}()
	err := p.play(ctx, s)
	if err == nil {
		err = p.nothingLeft(ctx, s)
	}
	if lerr := p.leave(ctx, s); err == nil {
		err = lerr
	}
	return p.captures, err
}

func (p *player) play(ctx context.Context, s *Script) error {
	for i := range s.Steps {
		if err := p.orphan(s.Steps[i:]); err != nil {
			return err
		}
		if err := p.step(ctx, &s.Steps[i]); err != nil {
			return stopped(ctx, &s.Steps[i], p.unready(err))
		}
		if ctx.Err() != nil {
			return stopped(ctx, &s.Steps[i], ctx.Err())
		}
	}
	for name, c := range p.conns {
		if err := p.flush(ctx, c, &Step{File: s.Name, Line: len(s.lines), Conn: name}); err != nil {
			return err
		}
	}
	return nil
}

// orphan returns an error if the lines of a message follow a DATA that was not answered with
// 354, because the server would read them as commands. This happens if the S: line matches
// any reply.
func (p *player) orphan(steps []Step) error {
	c := p.conns[steps[0].Conn]
	//mutant:a-message-of-a-dialogue-follows-a-354-only is " && !c.last.Misplaced()" ""
	if steps[0].Kind != Send || c == nil || c.last == nil || c.last.Verb != "DATA" || c.last.Positive() && !c.last.Misplaced() ||
		len(c.out) > 0 {
		return nil
	}
	n := 0
	for n < len(steps) && steps[n].Kind == Send && steps[n].Conn == steps[0].Conn && steps[n].Text != "." {
		n++
	}
	if n == len(steps) || steps[n].Kind != Send || steps[n].Text != "." || n == 0 {
		return nil
	}
	return &Mismatch{
		File: steps[0].File, Line: steps[0].Line, Want: "S: 354 before the message",
		Got: "S: " + strings.TrimRight(c.last.Shown(), "\r\n"), Reply: c.last,
		Session: c.s,
		Hint:    "no message was sent; write S: 354 after C: DATA, or remove the message",
	}
}

// unready marks the error of a step in :setup. A positive reply where another one was
// expected remains a failure.
func (p *player) unready(err error) error {
	var m *Mismatch
	var e *PlayError
	switch {
	case !p.setup:
	case errors.As(err, &m):
		m.Setup = m.Setup || m.Reply != nil && !m.Reply.Positive()
	case errors.As(err, &e):
		e.Setup = e.Setup || !e.Usage
	}
	return err
}

// stopped returns the cause of ctx with the place of the current step.
func stopped(ctx context.Context, st *Step, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return &PlayError{File: st.File, Line: st.Line, Err: context.Cause(ctx)}
}

func (p *player) step(ctx context.Context, st *Step) error {
	switch st.Kind {
	case Send:
		c, err := p.conn(ctx, st)
		if err != nil {
			return err
		}
		line, err := p.substitute(st, st.Text, inLine)
		if err != nil {
			return err
		}
		if err := c.loggedIn(st); err != nil {
			return err
		}
		c.greeted = true
		//mutant:values-end-no-message-in-a-dialogue is "strings.HasPrefix(line, \".\")" "false"
		if strings.HasPrefix(line, ".") && fromValue(st.Text) {
			line = "." + line // stuffed, so that a value cannot end the message
		}
		if err := c.lineTooLong(line); err != nil {
			return p.fault(st, err, advice.Words(advice.Dialogue, engine.Advice{Kind: engine.AdviceLongLine}))
		}
		c.message = c.message && line != "."
		c.out = append(append(c.out, line...), "\r\n"...)
		return nil
	case Expect:
		return p.expect(ctx, st)
	}
	return p.directive(ctx, st)
}

// lineTooLong returns an error if a line exceeds the limits of RFC 5321 section 4.5.3.1.
func (c *connection) lineTooLong(line string) error {
	if !c.message {
		err := c.s.LineTooLong(line)
		var op *engine.OpError
		if errors.As(err, &op) {
			return op.Err
		}
		return err
	}
	text := strings.TrimPrefix(line, ".") // a stuffed dot does not count
	if engine.CheckText(strings.NewReader(text)) != nil {
		return fmt.Errorf("the line has %d bytes, more than the 998 that servers must accept (RFC 5321 section 4.5.3.1.6)", len(text))
	}
	return nil
}

// conn returns the connection of a step. It opens the first one.
func (p *player) conn(ctx context.Context, st *Step) (*connection, error) {
	if c := p.conns[st.Conn]; c != nil {
		return c, nil
	}
	if len(p.conns) > 0 {
		var names []string
		for n := range p.conns {
			if n != "" {
				names = append(names, n)
			}
		}
		sort.Strings(names)
		hint := "open one with :open as " + st.Conn
		if len(names) > 0 {
			hint += "; open connections: " + strings.Join(names, ", ")
		}
		return nil, p.fault(st, fmt.Errorf("unknown connection %q", st.Conn), hint)
	}
	return p.open(ctx, st, "")
}

func (p *player) open(ctx context.Context, st *Step, target string) (*connection, error) {
	if p.env.Open == nil {
		return nil, p.fault(st, errors.New("another connection cannot be opened here"), "")
	}
	s, err := p.env.Open(ctx, target)
	if err != nil {
		return nil, &PlayError{File: st.File, Line: st.Line, Err: err}
	}
	p.opened = append(p.opened, s)
	c := &connection{s: s}
	p.conns[st.Conn] = c
	return c, nil
}

func (p *player) fault(st *Step, err error, hint string) error {
	return &PlayError{File: st.File, Line: st.Line, Err: err, Hint: hint, Usage: true}
}

// flush sends the collected lines.
func (p *player) flush(ctx context.Context, c *connection, st *Step) error {
	if len(c.out) == 0 {
		return nil
	}
	out := c.out
	c.out = nil
	if !c.raw { //mutant:an-early-reply-is-no-answer-in-a-dialogue never
		if err := c.s.CheckUnsolicited("the next command"); err != nil {
			return &PlayError{File: st.File, Line: st.Line, Err: err, Session: c.s,
				Hint: "if the server should send another reply, write an S: line for it"}
		}
	}
	if err := c.s.Write(ctx, out); err != nil {
		return &PlayError{File: st.File, Line: st.Line, Err: err, Session: c.s}
	}
	return nil
}

// expect reads a reply and compares it.
func (p *player) expect(ctx context.Context, st *Step) error {
	c, err := p.conn(ctx, st)
	if err != nil {
		return err
	}
	r, err := p.next(ctx, c, st)
	if err != nil {
		var op *engine.OpError
		if errors.As(err, &op) && (errors.Is(err, engine.ErrTimeout) || errors.Is(err, engine.ErrClosed)) && ctx.Err() == nil {
			got := "nothing within the time limit"
			if errors.Is(err, engine.ErrClosed) {
				got = "the end of the connection"
			}
			if op.Unknown {
				got += "; it is not known whether the message was accepted"
			}
			return &Mismatch{File: st.File, Line: st.Line, Want: "S: " + st.Wants[0].Text, Got: got, Session: c.s}
		}
		if errors.As(err, new(*PlayError)) {
			return err // it already has a place
		}
		return &PlayError{File: st.File, Line: st.Line, Err: err, Session: c.s}
	}
	c.last, c.message = r, r.Code == 354
	if i := st.matchReply(r, p.codes || st.loose, p.captures); i >= 0 {
		return st.mismatch(i, r, c.s)
	}
	if r.Verb == "STARTTLS" && r.Code == 220 {
		if err := c.s.Handshake(ctx); err != nil {
			return &PlayError{File: st.File, Line: st.Line, Err: err, Session: c.s}
		}
	}
	return nil
}

func (p *player) next(ctx context.Context, c *connection, st *Step) (*reply.Reply, error) {
	if err := p.flush(ctx, c, st); err != nil {
		return nil, err
	}
	switch {
	case c.pending != nil:
		r := c.pending
		c.pending = nil
		return r, nil
	case !c.greeted:
		c.greeted = true
		return c.s.Greeting(), nil
	}
	return c.s.ReadReply(ctx, p.timeout)
}

func (s *Step) mismatch(i int, r *reply.Reply, session *engine.Session) error {
	m := &Mismatch{File: s.File, Line: s.Wants[i].Line, Want: "S: " + s.Wants[i].Text, Reply: r, Session: session}
	lines := rawLines(r.Shown())
	w := s.Wants[i].want
	switch {
	case i < len(lines):
		m.Got = "S: " + lines[i]
	default:
		m.Got = "S: " + lines[len(lines)-1] + "  (the last line)"
	}
	switch {
	case w.code.Match(r) && i < len(lines)-1 && !w.more:
		m.Hint = "the reply has more lines; write - after the code, and \"S: ...\" for the rest"
	case w.code.Match(r):
		m.Hint = "only the text differs: write {} for parts that change, ... for the rest, or :match codes"
	}
	return m
}
