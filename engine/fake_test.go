package engine_test

import (
	"context"
	"crypto/tls"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/advice"
	"smtpsh/internal/fakeserver"
	"smtpsh/internal/sandbox"
	"smtpsh/transcript"
)

// patience limits every wait of these tests; tests that pass never reach it.
const patience = 20 * time.Second

// fake starts a server that plays a script of [fakeserver.Script].
func fake(t *testing.T, script string, cfg ...*tls.Config) engine.Target {
	t.Helper()
	return tcpTarget(fakeserver.Script(t, script, cfg...))
}

func tcpTarget(a *net.TCPAddr) engine.Target {
	return engine.Target{Network: "tcp", Host: "127.0.0.1", Port: a.Port}
}

// open dials and fails the test if that fails.
func open(t *testing.T, target engine.Target, opts engine.Options) *engine.Session {
	t.Helper()
	if opts.Timeouts == (engine.Timeouts{}) {
		opts.Timeouts = engine.UniformTimeouts(patience)
	}
	s, err := engine.Dial(t.Context(), target, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// openSandbox starts a sandbox and connects to a service of it.
func openSandbox(t testing.TB, profile, service string, opts engine.Options) (*engine.Session, *sandbox.Server) {
	t.Helper()
	srv, err := sandbox.Start(sandbox.Options{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	opts.Timeouts = engine.UniformTimeouts(patience)
	opts.TLS.RootCAs = srv.Roots()
	s, err := engine.Dial(context.Background(), sandboxTarget(srv, service), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, srv
}

func sandboxTarget(srv *sandbox.Server, service string) engine.Target {
	host, port, _ := net.SplitHostPort(srv.Addr(service))
	n, _ := strconv.Atoi(port)
	d, _ := srv.ServiceInfo(service)
	return engine.Target{Network: "tcp", Host: host, Port: n, Implicit: d.Implicit, LMTP: d.LMTP}
}

// events collects the events of a session.
type events struct {
	mu   sync.Mutex
	text strings.Builder
	list []event.Event
	sink *transcript.Text
}

func newEvents() *events {
	e := &events{}
	e.sink = transcript.NewText(&e.text, transcript.TextOptions{})
	return e
}

func (e *events) Observe(ev *event.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sink.Observe(ev)
	kept := *ev
	kept.Data = append([]byte(nil), ev.Data...)
	e.list = append(e.list, kept)
}

func (e *events) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.text.String()
}

func (e *events) count(k event.Kind) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, ev := range e.list {
		if ev.Kind == k {
			n++
		}
	}
	return n
}

// said returns the advice of an error in the words of every surface.
func said(op *engine.OpError) string {
	var all []string
	for _, where := range []advice.Surface{advice.CommandLine, advice.Prompt, advice.Lua, advice.Dialogue} {
		all = append(all, advice.Words(where, op.Advice...))
	}
	return strings.Join(all, "\n")
}
