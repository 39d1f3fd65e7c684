package engine_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/advice"
	"smtpsh/internal/sandbox"
	"smtpsh/transcript"
)

// patience bounds every wait of these tests; none of them waits for it when all
// is well.
const patience = 20 * time.Second

// fake plays a server's part of a dialogue:
//
//	S: 220 hi      a line with CRLF
//	S> 250 x\n     exact bytes
//	C: EHLO        a line that begins so must arrive
//	C> 5           that many octets must arrive
//	C* .           read lines until one is this
//	TLS            shake hands
//	EOF            the client must close
//	FOREVER line   answer every line that comes with this one
//	HANG           say nothing more until the client closes
//	CLOSE          close (as at the end)
func fake(t *testing.T, script string, cfg ...*tls.Config) engine.Target {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { ln.Close(); <-done })
	go func() {
		defer close(done)
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(patience))
		playFake(t, nc, script, cfg)
	}()
	port := ln.Addr().(*net.TCPAddr).Port
	return engine.Target{Network: "tcp", Host: "127.0.0.1", Port: port}
}

func playFake(t *testing.T, nc net.Conn, script string, cfg []*tls.Config) {
	r := bufio.NewReader(nc)
	unescape := strings.NewReplacer(`\r`, "\r", `\n`, "\n", `\0`, "\x00", `\e`, "\x1b")
	for l := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, "S: "):
			io.WriteString(nc, strings.TrimPrefix(l, "S: ")+"\r\n")
		case strings.HasPrefix(l, "S> "):
			io.WriteString(nc, unescape.Replace(strings.TrimPrefix(l, "S> ")))
		case strings.HasPrefix(l, "C: "), l == "C:":
			got, err := r.ReadString('\n')
			if want := strings.TrimPrefix(strings.TrimPrefix(l, "C:"), " "); err != nil || !strings.HasPrefix(got, want) {
				t.Errorf("the fake server wants %q, got %q, %v", want, got, err)
				return
			}
		case strings.HasPrefix(l, "C> "):
			n, _ := strconv.ParseInt(strings.TrimPrefix(l, "C> "), 10, 64)
			if _, err := io.CopyN(io.Discard, r, n); err != nil {
				t.Errorf("the fake server wants %d octets: %v", n, err)
				return
			}
		case strings.HasPrefix(l, "C* "):
			for {
				got, err := r.ReadString('\n')
				if err != nil {
					t.Errorf("the fake server waits for %q: %v", l, err)
					return
				}
				if strings.TrimRight(got, "\r\n") == strings.TrimPrefix(l, "C* ") {
					break
				}
			}
		case l == "TLS", l == "TLS RESET": // what the reset may overtake is the alert
			conn := tls.Server(nc, cfg[0])
			if err := conn.Handshake(); err != nil {
				if tcp, ok := nc.(*net.TCPConn); ok && l == "TLS RESET" {
					tcp.SetLinger(0)
				}
				return
			}
			nc, r = conn, bufio.NewReader(conn)
		case strings.HasPrefix(l, "FOREVER "): // answer every line with the same
			for range 1 << 20 {
				if _, err := r.ReadString('\n'); err != nil {
					return
				}
				io.WriteString(nc, strings.TrimPrefix(l, "FOREVER ")+"\r\n")
			}
		case l == "EOF", l == "HANG":
			io.Copy(io.Discard, r)
		case l == "CLOSE":
			return
		case l == "":
		default:
			t.Errorf("line %q of a fake server's script", l)
		}
	}
}

// open dials and fails the test when that does not work.
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

// openSandbox starts a sandbox and connects to a door of it.
func openSandbox(t testing.TB, profile, door string, opts engine.Options) (*engine.Session, *sandbox.Server) {
	t.Helper()
	srv, err := sandbox.Start(sandbox.Options{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	opts.Timeouts = engine.UniformTimeouts(patience)
	opts.TLS.RootCAs = srv.Roots()
	s, err := engine.Dial(context.Background(), sandboxTarget(srv, door), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, srv
}

func sandboxTarget(srv *sandbox.Server, door string) engine.Target {
	host, port, _ := net.SplitHostPort(srv.Addr(door))
	n, _ := strconv.Atoi(port)
	d, _ := srv.DoorInfo(door)
	return engine.Target{Network: "tcp", Host: host, Port: n, Implicit: d.Implicit, LMTP: d.LMTP}
}

// events collects what a session tells.
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

// said is the advice of an error in the words of every surface.
func said(op *engine.OpError) string {
	var all []string
	for _, where := range []advice.Surface{advice.CommandLine, advice.Prompt, advice.Lua, advice.Dialogue} {
		all = append(all, advice.Words(where, op.Advice...))
	}
	return strings.Join(all, "\n")
}
