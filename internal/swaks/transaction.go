package swaks

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
)

// transaction is one session.
type transaction struct {
	*settings
	*output
	session *engine.Session
	server  string // how the server is shown
	target  string // the host to verify; "" for a pipe or a socket
	peer    string // "remote host" or "child process"
	prdr    bool
	begun   *reply.Reply         // the 353 of PRDR
	state   *tls.ConnectionState // nil without TLS
	client  [][]byte             // the client's certificates
	// tlsProblem is why TLS cannot be used; it is reported at the handshake.
	tlsProblem error
}

// errDropped ends a session on request.
var errDropped = errors.New("dropped on request")

// failure ends a session with a status. QUIT is sent unless the session was lost.
type failure struct {
	status int
	leave  bool // send QUIT
	text   string
}

func (f *failure) Error() string { return f.text }

// fail returns the failure of a step that the server rejected.
func fail(status int, text string) error { return &failure{status: status, leave: true, text: text} }

// errQuit ends a session with QUIT, as a success.
var errQuit = errors.New("quit on request")

// run does the transaction and returns the exit status.
func (t *transaction) run(ctx context.Context) int {
	err := t.connect(ctx)
	if err == nil {
		err = t.steps(ctx)
	}
	if t.session != nil {
		defer t.session.Close()
	}
	var f *failure
	switch {
	case err == nil, errors.Is(err, errQuit):
		return t.quitting(ctx, exitOK)
	case errors.Is(err, errDropped):
		t.info("Dropping connection")
		return exitOK
	case errors.As(err, &f):
		if f.text != "" {
			t.problem(f.text)
		}
		if f.leave && t.session != nil {
			return t.quitting(ctx, f.status)
		}
		return f.status
	case errors.Is(err, context.Canceled):
		return exitInterrupt
	}
	return t.lost(err)
}

// lost reports a connection that ended.
func (t *transaction) lost(err error) int {
	switch {
	case errors.Is(err, engine.ErrClosed), errors.Is(err, engine.ErrOutOfStep):
		t.problem(strings.ToUpper(t.peer[:1]) + t.peer[1:] + " closed connection unexpectedly.")
	default:
		t.problem(err.Error())
	}
	return exitClosed
}

// quitting sends QUIT and returns the status.
func (t *transaction) quitting(ctx context.Context, status int) int {
	r, err := t.say(ctx, "QUIT")
	switch {
	case err != nil && status != exitOK:
		return status
	case err != nil:
		return t.lost(err)
	}
	ok := r.Code == 221
	t.got(r, t.shown(r), ok)
	if !ok && status == exitOK {
		status = exitQuit
	}
	t.session.Close()
	t.info("Connection closed with " + t.peer + ".")
	return status
}

// say shows and sends a line, and reads the reply without showing it.
func (t *transaction) say(ctx context.Context, line string) (*reply.Reply, error) {
	t.output.sent(line)
	return t.session.Do(ctx, line)
}

// shown returns the text of a reply as it is shown.
func (t *transaction) shown(r *reply.Reply) string {
	if t.exact {
		return r.Raw
	}
	return r.Shown() // without secrets that the server repeats
}

// expect sends a line and shows the reply. It returns a failure with the status unless the code
// is one of those expected.
func (t *transaction) expect(ctx context.Context, line string, status int, codes ...int) (*reply.Reply, error) {
	r, err := t.say(ctx, line)
	if err != nil {
		return nil, err
	}
	ok := accepts(r, codes)
	t.got(r, t.shown(r), ok)
	if !ok {
		return r, fail(status, "")
	}
	return r, nil
}

// accepts reports whether a reply has one of the codes; a code below 10 stands for its class.
func accepts(r *reply.Reply, codes []int) bool {
	return slices.ContainsFunc(codes, func(c int) bool { return c == r.Code || c < 10 && r.Code/100 == c })
}

// stop returns an error if the session ends at a point: with QUIT, or at once.
func (t *transaction) stop(point string) error {
	switch point {
	case t.settings.drop:
		return errDropped
	case t.settings.quit:
		return errQuit
	}
	return nil
}

// dropSent returns an error if the connection is dropped after the command of a step was sent.
func (t *transaction) dropSent(point string) error {
	if t.settings.sent == point {
		return errDropped
	}
	return nil
}

// sayOnly sends a line whose reply is not read.
func (t *transaction) sayOnly(ctx context.Context, line string) error {
	t.output.sent(line)
	if err := t.session.Write(ctx, []byte(line+"\r\n")); err != nil {
		return err
	}
	return errDropped
}

// steps does the steps from EHLO to the end of the message.
func (t *transaction) steps(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		t.firstHello, t.earlyXclient, t.secure, t.lateXclient, t.afterHello, t.login, t.envelope, t.send,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// greet sends EHLO, and HELO if the server rejects it.
func (t *transaction) greet(ctx context.Context, status int) error {
	r, err := t.say(ctx, t.hello+" "+t.helo)
	if err != nil {
		return err
	}
	ok := r.Code == 250
	t.got(r, t.shown(r), ok)
	if ok {
		return nil
	}
	if t.hello != "EHLO" {
		return fail(status, "")
	}
	_, err = t.expect(ctx, "HELO "+t.helo, status, 250)
	return err
}

func (t *transaction) firstHello(ctx context.Context) error {
	if t.settings.sent == "FIRST-HELO" {
		return t.sayOnly(ctx, t.hello+" "+t.helo)
	}
	if err := t.greet(ctx, exitHelo); err != nil {
		return err
	}
	return t.stop("FIRST-HELO")
}

// afterHello ends the session after the last EHLO, if that is requested.
func (t *transaction) afterHello(context.Context) error {
	if err := t.dropSent("HELO"); err != nil {
		return err
	}
	return t.stop("HELO")
}
