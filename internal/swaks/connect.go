package swaks

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
)

// connect opens the connection and reads the greeting.
func (t *transaction) connect(ctx context.Context) error {
	targets, err := t.targets(ctx)
	if err != nil {
		return &failure{status: exitConnect, text: err.Error()}
	}
	for i, to := range targets {
		t.server, t.target, t.peer = to.shown, to.host, "remote host"
		if strings.HasPrefix(to.target, "pipe:") {
			t.peer = "child process"
			t.info("Trying pipe to " + to.shown + "...")
		} else {
			t.info("Trying " + to.shown + "...")
		}
		if err = t.dial(ctx, to.target); ctx.Err() != nil {
			return ctx.Err()
		}
		var op *engine.OpError
		if errors.As(err, &op) && op.Kind == engine.ErrDial {
			t.problem("Error connecting to " + to.shown + ":")
			t.cause(dialText(err))
			if i+1 < len(targets) {
				continue
			}
			return &failure{status: exitConnect}
		}
		break
	}
	return err
}

// dialText returns the cause of a connection that failed, in the words of swaks if it is simple.
func dialText(err error) string {
	var no syscall.Errno
	if errors.As(err, &no) {
		text := no.Error()
		return "connect: " + strings.ToUpper(text[:1]) + text[1:]
	}
	return err.Error()
}

// server is one address to try.
type server struct{ target, shown, host string } // host is "" for a pipe or a socket

// targets returns the servers to try.
func (t *transaction) targets(ctx context.Context) ([]server, error) {
	if command, err := t.text("pipe"); err != nil || command != "" {
		return []server{{"pipe:" + strings.ReplaceAll(command, "\n", " "), command, ""}}, err // a target is one line
	}
	if path, err := t.text("socket"); err != nil || path != "" {
		return []server{{"unix:" + path, path, ""}}, err
	}
	if strings.HasPrefix(t.host, "sandbox:") {
		return []server{{t.host, t.host, ""}}, nil
	}
	hosts := []string{t.host}
	if t.host == "" {
		domain, err := t.text("copy-routing")
		if err != nil {
			return nil, err
		}
		if domain == "" {
			if len(t.recipients()) == 0 {
				return nil, errors.New("no server and no recipient to find it with")
			}
			domain = t.domain()
		}
		if hosts, err = t.env.Hosts(ctx, domain); err != nil {
			return nil, err
		}
	}
	var out []server
	for _, h := range hosts {
		at := net.JoinHostPort(h, t.port)
		shown := h + ":" + t.port
		out = append(out, server{"smtp://" + at, shown, h})
	}
	return out, nil
}

// domain returns the domain of the recipient whose mail servers get the message.
func (s *settings) domain() string {
	to := s.recipients()
	if len(to) == 0 {
		return ""
	}
	if n := len(s.to); n > 0 {
		to = s.to[n-1:]
	}
	_, domain, _ := strings.Cut(to[len(to)-1], "@")
	return domain
}

// dial opens the session and does the steps up to the greeting.
func (t *transaction) dial(ctx context.Context, target string) error {
	var early error
	s, err := t.env.Dial(ctx, target, func(o *engine.Options, to *engine.Target) {
		to.Implicit, to.LMTP = t.tlsOnConnect, t.hello == "LHLO"
		o.Timeouts = engine.UniformTimeouts(t.timeout)
		t.tlsOptions(o)
		if o.Secrets != nil && !t.exact {
			o.Secrets.Add(t.password)
		}
		if t.dropsAtProxy() { // nothing is read
			o.Timeouts.Greeting, o.Timeouts.TLS = time.Millisecond, time.Millisecond
		}
		if early == nil {
			early = t.address(o)
		}
		o.Observer = event.Func(func(e *event.Event) {
			if t.raw && e.Kind.Wire() {
				t.rawBytes(e)
			}
			if e.Kind == event.ReplyDone && e.Reply.Code == 353 {
				t.begun = e.Reply
			}
			if e.Kind == event.TLSDone {
				t.state = e.TLS
			}
		})
		o.Preface = func(_, _ net.Addr) ([]byte, error) {
			connected := t.server
			if t.target != "" {
				connected = t.target
			}
			t.info("Connected to " + connected + ".")
			if early = t.begin(); early != nil {
				return nil, early
			}
			return t.header, nil
		}
	})
	if early != nil {
		if s != nil {
			s.Close()
		}
		return early
	}
	var op *engine.OpError
	if errors.As(err, &op) && op.Kind != engine.ErrDial && t.dropsAtProxy() {
		return errDropped
	}
	if err != nil {
		if errors.As(err, &op) && op.Kind == engine.ErrTLS {
			return &failure{status: exitTLS, text: "TLS startup failed (" + op.Err.Error() + ")"}
		}
		return err
	}
	t.session = s
	if s.TLS() != nil {
		t.encrypted = true
		if err := t.reportTLS(); err != nil {
			return &failure{status: exitTLS, text: err.Error()}
		}
		if t.settings.drop == "TLS" || t.settings.sent == "TLS" {
			return errDropped
		}
	}
	return t.greeted()
}

// dropsAtProxy reports whether the session ends after the PROXY header.
func (t *transaction) dropsAtProxy() bool {
	return t.settings.drop == "PROXY" || t.settings.sent == "PROXY"
}

// begin does the steps before the first byte: the PROXY header is shown, and the session may
// be dropped. Options that make implicit TLS impossible are an error here.
func (t *transaction) begin() error {
	if t.settings.sent == "CONNECT" {
		return errDropped
	}
	if t.headerText != "" {
		t.output.sent(t.headerText)
	}
	if t.tlsOnConnect && t.tlsProblem != nil {
		return &failure{status: exitTLS, text: "TLS startup failed (connect(): " + t.tlsProblem.Error() + ")"}
	}
	return nil
}

// address sets the local address and the family.
func (t *transaction) address(o *engine.Options) error {
	switch {
	case t.on("4") && t.on("6"):
		return &failure{status: exitOptions, text: "-4 and -6 cannot be combined"}
	case t.on("4"):
		o.Network = "tcp4"
	case t.on("6"):
		o.Network = "tcp6"
	}
	local, port := t.localHost, t.localPort
	if local == "" && port == "" {
		return nil
	}
	if port == "" {
		port = "0"
	}
	o.LocalAddr = net.JoinHostPort(strings.Trim(local, "[]"), port)
	return nil
}

// local returns the local address and port.
func (s *settings) local() (host, port string) {
	host, port = s.value("local-interface"), s.value("local-port")
	h, p, ok := strings.Cut(host, "/")
	if !ok {
		var err error
		if h, p, err = net.SplitHostPort(host); err != nil {
			return host, port
		}
	}
	if port == "" {
		port = p
	}
	return h, port
}

// greeted shows the greeting.
func (t *transaction) greeted() error {
	if t.dropsAtProxy() {
		return errDropped
	}
	r := t.session.Greeting()
	ok := r.Code == 220
	t.got(r, t.shown(r), ok)
	if !ok {
		return fail(exitBanner, "")
	}
	points := []string{"PROXY", "CONNECT"}
	if t.encrypted {
		points = append(points, "TLS")
	}
	for _, point := range points {
		if err := t.stop(point); err != nil {
			return err
		}
	}
	return nil
}
