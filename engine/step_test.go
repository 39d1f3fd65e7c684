package engine_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/authority"
	"smtpsh/internal/fakeserver"
)

// must fails the test unless a step got its code.
func must(t *testing.T, want int) func(*reply.Reply, error) *reply.Reply {
	t.Helper()
	return func(r *reply.Reply, err error) *reply.Reply {
		t.Helper()
		if err != nil || r.Code != want {
			t.Fatalf("want %d, got %v, %v", want, r, err)
		}
		return r
	}
}

// transaction opens a transaction with two recipients.
func transaction(t *testing.T, s *engine.Session) {
	t.Helper()
	ctx := t.Context()
	if _, err := s.Hello(ctx, "me"); err != nil {
		t.Fatal(err)
	}
	must(t, 250)(s.Mail(ctx, "a@example.org"))
	must(t, 250)(s.Rcpt(ctx, "ann@sandbox.test"))
	must(t, 250)(s.Rcpt(ctx, "bob@sandbox.test"))
}

func TestUnsolicitedBytesAnswerNoCommand(t *testing.T) {
	t.Run("half a line", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 hi\nC: NOOP\nS> 250 ok\\r\\n421 by\nHANG"), engine.Options{})
		must(t, 250)(s.Noop(t.Context(), ""))
		// the test does not wait for it: the limit of a wait here is longer than that of
		// the test
		if _, err := s.Noop(t.Context(), ""); !errors.Is(err, engine.ErrProtocol) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("a reply that still lies in the socket", func(t *testing.T) {
		arrived := make(chan struct{})
		s := open(t, serve(t, func(c net.Conn, r *bufio.Reader) {
			io.WriteString(c, "220 hi\r\n")
			r.ReadString('\n')
			io.WriteString(c, "250 first\r\n")
			<-arrived // the client has read that reply
			io.WriteString(c, "550 stray\r\n")
			arrived <- struct{}{}
			io.Copy(io.Discard, r)
		}), engine.Options{})
		must(t, 250)(s.Noop(t.Context(), ""))
		arrived <- struct{}{}
		<-arrived
		// written on loopback: it is in the client's socket, unread
		if r, err := s.Rset(t.Context()); !errors.Is(err, engine.ErrProtocol) {
			t.Fatalf("a stray reply was taken for the answer to RSET: %v, %v", r, err)
		}
	})
}

// serve runs a server in Go, for what a script cannot express.
func serve(t *testing.T, f func(net.Conn, *bufio.Reader)) engine.Target {
	t.Helper()
	return tcpTarget(fakeserver.Loop(t, func(c net.Conn) { f(c, bufio.NewReader(c)) }))
}

// TestLateCancelAffectsNoOtherCommand cancels a context at the time when its command is
// answered, many times: the next command must not be affected.
func TestLateCancelAffectsNoOtherCommand(t *testing.T) {
	target := serve(t, func(c net.Conn, r *bufio.Reader) {
		io.WriteString(c, "220 hi\r\n")
		for {
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
			io.WriteString(c, "250 ok\r\n")
		}
	})
	var s *engine.Session
	good := 0
	for i := range 5000 {
		if s == nil || s.Err() != nil {
			s = open(t, target, engine.Options{})
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range i % 200 {
				runtime.Gosched()
			}
			cancel()
		}()
		if _, err := s.Noop(ctx, ""); err != nil {
			continue // canceled in time
		}
		good++
		must(t, 250)(s.Noop(t.Context(), ""))
	}
	if good == 0 {
		t.Fatal("every command was canceled in time: nothing was tried")
	}
}

func TestEachErrorHasOneKind(t *testing.T) {
	s := open(t, fake(t, "S: 220 hi\nC: NOOP\nHANG"), engine.Options{Timeouts: engine.UniformTimeouts(500 * time.Millisecond)})
	_, first := s.Noop(t.Context(), "")
	_, second := s.Noop(t.Context(), "")
	if engine.KindOf(first) != "timeout" || engine.KindOf(second) != "closed" || !errors.Is(second, engine.ErrOutOfStep) || errors.Is(second,
		engine.ErrTimeout) {
		t.Errorf("%v (%s), then %v (%s)", first, engine.KindOf(first), second, engine.KindOf(second))
	}
}

func TestDeadlineBoundsDialling(t *testing.T) {
	stubborn := make(chan struct{})
	t.Cleanup(func() { close(stubborn) })
	_, err := engine.Dial(t.Context(), engine.Target{Network: "tcp", Host: "192.0.2.1", Port: 25}, engine.Options{
		Deadline:    20 * time.Millisecond,
		DialContext: func(context.Context, string, string) (net.Conn, error) { <-stubborn; return nil, errors.New("late") },
	})
	if !errors.Is(err, engine.ErrDial) {
		t.Errorf("got %v", err)
	}
}

type two struct{}

func (two) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("127.0.0.1")}, nil
}

func TestDialDoesNotWaitForSlowAddress(t *testing.T) {
	stubborn := make(chan struct{})
	t.Cleanup(func() { close(stubborn) })
	target := fake(t, "S: 220 hi\nHANG")
	target.Host = "mx.example.org"
	s := open(t, target, engine.Options{Resolver: two{}, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if strings.HasPrefix(addr, "[2001") {
			<-stubborn // ignores the context
			return nil, errors.New("late")
		}
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}})
	if s.Greeting().Code != 220 {
		t.Error(s.Greeting())
	}
}

func TestChunksOfABadSource(t *testing.T) {
	ctx := t.Context()
	s, _ := openSandbox(t, "plain", "mx", engine.Options{})
	transaction(t, s)
	if _, err := s.BdatAll(ctx, &failing{errors.New("disk on fire")}, engine.ChunkOptions{Size: 10, Text: true}); !errors.Is(err,
		engine.ErrUsage) {
		t.Fatalf("got %v", err)
	}
	must(t, 250)(s.Noop(ctx, "")) // nothing was sent: the session continues
	before := runtime.NumGoroutine()
	for range 50 {
		if r, err := s.BdatAll(ctx, strings.NewReader(strings.Repeat("x\n", 9000)), engine.ChunkOptions{Size: 1000, Text: true}); err != nil ||
			r.Code == 0 {
			t.Fatal(r, err)
		}
	}
	if after := runtime.NumGoroutine(); after > before+10 {
		t.Errorf("%d goroutines have become %d", before, after)
	}
}

func TestRejectedResponseEndsAuth(t *testing.T) {
	s := open(t, fake(t, "S: 220 hi\nC: AUTH PLAIN\nS: 334 \nC: NOOP\nS: 501 bad base64\nC: MAIL\nS: 250 ok\nHANG"), engine.Options{})
	must(t, 334)(s.AuthRaw(t.Context(), "PLAIN", ""))
	must(t, 501)(s.Noop(t.Context(), ""))
	if s.State() == engine.InAuth {
		t.Error("the exchange is over, the state says it is not")
	}
	if r := must(t, 250)(s.Do(t.Context(), "MAIL FROM:<a@b.example>")); r.Command != "MAIL FROM:<a@b.example>" {
		t.Errorf("an ordinary command is masked: %s", r.Command)
	}
}

func TestRawDataEndsWithTheMessage(t *testing.T) {
	ctx := t.Context()
	s, _ := openSandbox(t, "plain", "mx", engine.Options{})
	transaction(t, s)
	must(t, 354)(s.Do(ctx, "DATA"))
	if err := s.Write(ctx, []byte("Subject: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	must(t, 250)(s.Content(ctx, strings.NewReader("body\n")))
	if err := s.Write(ctx, []byte("NOOP\r\n")); err != nil {
		t.Fatal(err)
	}
	if r := must(t, 250)(s.ReadReply(ctx, 0)); r.Command != "NOOP" {
		t.Errorf("the reply is said to answer %q", r.Command)
	}
}

func TestLMTPStaysInStep(t *testing.T) {
	ctx := t.Context()
	t.Run("raw message", func(t *testing.T) {
		s, _ := openSandbox(t, "lmtp", "", engine.Options{})
		transaction(t, s)
		must(t, 354)(s.Do(ctx, "DATA"))
		if err := s.Write(ctx, []byte("x\r\n.\r\n")); err != nil {
			t.Fatal(err)
		}
		must(t, 250)(s.ReadReply(ctx, 0))
		must(t, 250)(s.ReadReply(ctx, 0))
		must(t, 250)(s.Noop(ctx, ""))
	})
	t.Run("last chunk too big", func(t *testing.T) {
		s, _ := openSandbox(t, "lmtp", "", engine.Options{})
		transaction(t, s)
		must(t, 552)(s.Bdat(ctx, engine.Chunk{Data: make([]byte, 65<<20), Last: true, AnyLength: true}))
		if n := len(s.Deliveries()); n != 2 {
			t.Errorf("%d replies for two recipients", n)
		}
		must(t, 250)(s.Noop(ctx, ""))
	})
	t.Run("after a chunk too big", func(t *testing.T) {
		s, _ := openSandbox(t, "lmtp", "", engine.Options{})
		transaction(t, s)
		must(t, 552)(s.Bdat(ctx, engine.Chunk{Data: make([]byte, 65<<20), AnyLength: true}))
		must(t, 503)(s.Bdat(ctx, engine.Chunk{Last: true}))
		must(t, 250)(s.Noop(ctx, ""))
	})
	t.Run("421 after the dot", func(t *testing.T) {
		target := fake(t,
			"S: 220 hi\nC: LHLO\nS: 250 hi\nC: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\nS: 421 4.3.2 "+
				"going down\nCLOSE")
		target.LMTP = true
		s := open(t, target, engine.Options{})
		transaction(t, s)
		must(t, 421)(s.Data(ctx, strings.NewReader("x\n")))
	})
}

func TestEventStream(t *testing.T) {
	t.Run("a wait for nothing is not an end", func(t *testing.T) {
		ev := newEvents()
		s := open(t, fake(t, "S: 220 hi\nC: NOOP\nS: 250 ok\nHANG"), engine.Options{Observer: ev})
		if _, err := s.ReadReply(t.Context(), 10*time.Millisecond); !errors.Is(err, engine.ErrTimeout) {
			t.Fatal(err)
		}
		must(t, 250)(s.Noop(t.Context(), ""))
		if ev.count(event.Closed) > 0 {
			t.Errorf("Closed was notified of a session that goes on:\n%s", ev)
		}
	})
	t.Run("a line is told once", func(t *testing.T) {
		ev := newEvents()
		s := open(t, fake(t, "S: 220 hi\nC: HELP\nS: 214-one\nC: go\nS: 214 two\nHANG"), engine.Options{Observer: ev})
		for _, l := range []string{"HELP\r\n", "go\r\n"} {
			if err := s.Write(t.Context(), []byte(l)); err != nil {
				t.Fatal(err)
			}
			if l == "HELP\r\n" { // only the first half has arrived
				if _, err := s.ReadReply(t.Context(), 100*time.Millisecond); !errors.Is(err, engine.ErrTimeout) {
					t.Fatal(err)
				}
			}
		}
		must(t, 214)(s.ReadReply(t.Context(), 0))
		if n := strings.Count(ev.String(), "214-one"); n != 1 {
			t.Errorf("one line is told %d times:\n%s", n, ev)
		}
	})
}

func TestCloseDuringAHandshake(t *testing.T) {
	for i := range 30 {
		s, _ := openSandbox(t, "plain", "submission", engine.Options{})
		go func() {
			for range i * 50 {
				runtime.Gosched()
			}
			s.Close()
		}()
		s.StartTLS(t.Context()) //nolint:errcheck // for the race detector
	}
}

func TestSandboxLogins(t *testing.T) {
	ctx := t.Context()
	t.Run("a failed one names nobody", func(t *testing.T) {
		s, srv := openSandbox(t, "plain", "submissions", engine.Options{})
		must(t, 250)(s.Ehlo(ctx, "me"))
		must(t, 535)(s.Auth(ctx, engine.AuthOptions{Mechanism: "PLAIN", Credentials: saslmech.Credentials{Username: "ann@sandbox.test",
			Password: "wrong"}}))
		transaction(t, s)
		must(t, 250)(s.Data(ctx, strings.NewReader("x\n")))
		if u := srv.Messages()[0].User; u != "" {
			t.Errorf("recorded as %q's", u)
		}
	})
	t.Run("a certificate of somebody else's authority", func(t *testing.T) {
		s0, srv := openSandbox(t, "plain", "mx", engine.Options{})
		s0.Close()
		other, err := authority.New("somebody else")
		if err != nil {
			t.Fatal(err)
		}
		for _, ca := range []*authority.CA{other, srv.Authority()} {
			cert, err := ca.Issue(authority.Leaf{Names: []string{"client.example.org"}, Client: true})
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, sandboxTarget(srv, "submissions"),
				engine.Options{TLS: engine.TLSOptions{RootCAs: srv.Roots(), Certificates: []tls.Certificate{cert}}})
			must(t, 250)(s.Ehlo(ctx, "me"))
			must(t, 535)(s.Auth(ctx, engine.AuthOptions{Mechanism: "EXTERNAL", Credentials: saslmech.Credentials{Authzid: "root@sandbox.test"}}))
		}
	})
	t.Run("long addresses are not reflected whole", func(t *testing.T) {
		s, _ := openSandbox(t, "plain", "mx", engine.Options{})
		must(t, 250)(s.Ehlo(ctx, "me"))
		if r := must(t, 501)(s.Do(ctx, "MAIL FROM:<"+strings.Repeat("x", 5000)+"@b.example>")); len(r.Raw) > reply.MaxLine || len(r.Defects) > 0 {
			t.Errorf("%d bytes, %v", len(r.Raw), r.Defects)
		}
	})
}

// A lone dot that is sent as a command ends no message, so a missing reply to it leaves no
// message unknown.
func TestLoneDotEndsNoMessage(t *testing.T) {
	s, err := engine.Dial(t.Context(), fake(t, "S: 220 hi\nC: .\nCLOSE"), engine.Options{Timeouts: engine.UniformTimeouts(patience)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Do(t.Context(), ".")
	var op *engine.OpError
	if !errors.As(err, &op) || op.Unknown || strings.Contains(err.Error(), "end of the message") ||
		!strings.Contains(err.Error(), "lone dot") {
		t.Errorf("%v", err)
	}
}
