package engine_test

import (
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
	"smtpsh/engine/saslmech"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/testca"
)

var bg = context.Background()

func TestAHalfLineThatNobodyAskedForIsNotWaitedFor(t *testing.T) {
	tg := fake(t, "S: 220 hi\nC: NOOP\nS> 250 ok\\r\\n421 by\nHANG")
	s := open(t, tg, engine.Options{Timeouts: engine.UniformTimeouts(8 * time.Second)})
	s.Noop(bg, "")
	time.Sleep(50 * time.Millisecond)
	ctx, c := context.WithTimeout(bg, 200*time.Millisecond)
	defer c()
	b := time.Now()
	_, _ = s.Noop(ctx, "")
	if time.Since(b) > time.Second {
		t.Error("ctx of 200ms ignored")
	}
}

func TestDeadlineBoundsDialling(t *testing.T) {
	b := time.Now()
	_, _ = engine.Dial(bg, engine.Target{Network: "tcp", Host: "192.0.2.1", Port: 25}, engine.Options{
		Deadline: 200 * time.Millisecond, Timeouts: engine.UniformTimeouts(3 * time.Second),
		DialContext: func(ctx context.Context, n, a string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }})
	if time.Since(b) > time.Second {
		t.Error("Deadline of 200ms not applied while dialling")
	}
}

type res struct{}

func (res) LookupNetIP(ctx context.Context, n, h string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}, nil
}

func TestEachErrorHasOneKind(t *testing.T) {
	tg := fake(t, "S: 220 hi\nC: NOOP\nHANG")
	s := open(t, tg, engine.Options{Timeouts: engine.UniformTimeouts(200 * time.Millisecond)})
	_, _ = s.Noop(bg, "")
	_, e2 := s.Noop(bg, "")
	if errors.Is(e2, engine.ErrTimeout) && errors.Is(e2, engine.ErrOutOfStep) {
		t.Error("second error matches both ErrTimeout and ErrOutOfStep; KindOf", engine.KindOf(e2))
	}
}

func TestRefusedChunksLeaveNothingBehind(t *testing.T) {
	s, _ := openSandbox(t, "plain", "submission", engine.Options{})
	s.Ehlo(bg, "")
	n := runtime.NumGoroutine()
	for range 50 {
		r, err := s.BdatAll(bg, strings.NewReader(strings.Repeat("hello\n", 100000)), 1000, true)
		if err != nil || r.Positive() {
			t.Fatal(r, err)
		}
	}
	time.Sleep(200 * time.Millisecond)
	if m := runtime.NumGoroutine(); m > n+10 {
		t.Errorf("%d goroutines before, %d after 50 refused BdatAll", n, m)
	}
}

func TestARefusedResponseEndsAuth(t *testing.T) {
	tg := fake(t, "S: 220 hi\nC: EHLO\nS: 250 hi\nC: AUTH PLAIN\nS: 334 \nC: NOOP\nS: 501 bad base64\nC: MAIL\nS: 250 ok\nHANG")
	ev := newEvents()
	s := open(t, tg, engine.Options{Observer: ev})
	s.Ehlo(bg, "me")
	s.AuthRaw(bg, "PLAIN", "")
	_, _ = s.Noop(bg, "")
	if s.State() == engine.InAuth {
		t.Error("server refused the exchange with 501, state is still", s.State())
	}
	if r, err := s.Do(bg, "MAIL FROM:<a@b.example>"); err != nil || r.Command != "MAIL FROM:<a@b.example>" {
		t.Errorf("the next command is masked: %v, %v", r, err)
	}
}

func TestEchoedSecretsStayOutOfErrors(t *testing.T) {
	for _, script := range []string{
		"S: 220 hi\nC: AUTH PLAIN\nS> 535-bad password hunter2secret\nHANG",
		"S: 220 hi\nC: AUTH PLAIN\nS: hunter2secret is wrong\nHANG",
		"S: 220 hi\nC: AUTH PLAIN\nS: 334 aHVudGVyMnNlY3JldA==\nC: *\nS: 501 no\nHANG",
		"S: 220 hi\nC: AUTH PLAIN\nS: 334 hunter2secret!\nC: *\nS: 501 no\nHANG",
	} {
		ev := newEvents()
		s := open(t, fake(t, script), engine.Options{Observer: ev, Timeouts: engine.UniformTimeouts(300 * time.Millisecond)})
		_, err := s.Auth(bg, engine.AuthOptions{Mechanism: "PLAIN", Credentials: saslmech.Credentials{Username: "a", Password: "hunter2secret"}})
		if err != nil && strings.Contains(err.Error(), "hunter2secret") {
			t.Error("LEAK in error:", err)
		}
		for _, e := range ev.list {
			if strings.Contains(e.Text, "hunter2secret") || e.Err != nil && strings.Contains(e.Err.Error(), "hunter2secret") {
				t.Error("LEAK in event:", e.Kind, e.Text, e.Err)
			}
		}
		if strings.Contains(ev.String(), "hunter2secret") {
			t.Error("LEAK in transcript:", ev.String())
		}
	}
}

func TestRawDataEndsWithTheMessage(t *testing.T) {
	s, _ := openSandbox(t, "plain", "submission", engine.Options{})
	s.Ehlo(bg, "")
	s.Mail(bg, "a@b.example")
	s.Rcpt(bg, "ann@sandbox.test")
	s.Do(bg, "DATA")
	s.Write(bg, []byte("Subject: x\r\n\r\n"))
	r, err := s.Content(bg, strings.NewReader("body\n"))
	s.Write(bg, []byte("NOOP\r\n"))
	r, err = s.ReadReply(bg, 0)
	if r.Command != "NOOP" {
		t.Errorf("reply to raw NOOP is attributed to %q (%v)", r.Command, err)
	}
}

func TestRawDataOverLMTP(t *testing.T) {
	s, _ := openSandbox(t, "lmtp", "", engine.Options{})
	s.Lhlo(bg, "me")
	s.Mail(bg, "a@b.example")
	s.Rcpt(bg, "ann@sandbox.test")
	s.Rcpt(bg, "bob@sandbox.test")
	s.Do(bg, "DATA")
	s.Write(bg, []byte("Subject: x\r\n\r\n.\r\n"))
	for range 2 {
		if r, err := s.ReadReply(bg, 0); err != nil || r.Code != 250 {
			t.Fatal(r, err)
		}
	}
	_, err := s.Noop(bg, "")
	if err != nil {
		t.Error("session lost after raw DATA over LMTP:", err)
	}
}

func TestLMTPRefusesTheLastChunkForEachRecipient(t *testing.T) {
	s, _ := openSandbox(t, "lmtp", "", engine.Options{})
	s.Lhlo(bg, "me")
	s.Mail(bg, "a@b.example")
	s.Rcpt(bg, "ann@sandbox.test")
	s.Rcpt(bg, "bob@sandbox.test")
	ctx, c := context.WithTimeout(bg, 5*time.Second)
	defer c()
	r, err := s.Bdat(ctx, make([]byte, 65<<20), true)
	if err != nil || r.Code != 552 || len(s.Deliveries()) != 2 {
		t.Error("one reply for two recipients:", r, err)
	}
}

func TestLMTPRefusesAfterAFailedChunk(t *testing.T) {
	s, _ := openSandbox(t, "lmtp", "", engine.Options{})
	s.Lhlo(bg, "me")
	s.Mail(bg, "a@b.example")
	s.Rcpt(bg, "ann@sandbox.test")
	s.Rcpt(bg, "bob@sandbox.test")
	ctx, c := context.WithTimeout(bg, 5*time.Second)
	defer c()
	if r, err := s.Bdat(ctx, make([]byte, 65<<20), false); err != nil || r.Code != 552 {
		t.Fatal(r, err)
	}
	r, err := s.Bdat(ctx, nil, true)
	if err != nil || r.Code != 503 || len(s.Deliveries()) != 2 {
		t.Error("one reply for two recipients:", r, err)
	}
}

func TestAHarmlessTimeoutIsNotAnEnd(t *testing.T) {
	ev := newEvents()
	s := open(t, fake(t, "S: 220 hi\nC: NOOP\nS: 250 ok\nHANG"), engine.Options{Observer: ev})
	_, err := s.ReadReply(bg, 50*time.Millisecond)
	_, err2 := s.Noop(bg, "")
	if err2 == nil && ev.count(event.Closed) > 0 {
		t.Errorf("the stream says Closed, the session goes on: %v\n%s", err, ev)
	}
}

func TestLinesAreToldOnce(t *testing.T) {
	ev := newEvents()
	tg := fake(t, "S: 220 hi\nC: HELP\nS: 214-one\nC: go\nS: 214 two\nHANG")
	s := open(t, tg, engine.Options{Observer: ev})
	s.Write(bg, []byte("HELP\r\n"))
	s.ReadReply(bg, 100*time.Millisecond)
	s.Write(bg, []byte("go\r\n"))
	_, _ = s.ReadReply(bg, time.Second)
	if n := strings.Count(ev.String(), "214-one"); n != 1 {
		t.Errorf("one received line shows %d times:\n%s", n, ev)
	}
}

func TestAReplyInTheSocketIsNotTheNextAnswer(t *testing.T) {
	ln, _ := net.Listen("tcp", "127.0.0.1:0")
	defer ln.Close()
	go func() {
		nc, _ := ln.Accept()
		defer nc.Close()
		io.WriteString(nc, "220 hi\r\n")
		b := make([]byte, 100)
		nc.Read(b)
		io.WriteString(nc, "250 first\r\n")
		time.Sleep(20 * time.Millisecond)
		io.WriteString(nc, "550 stray\r\n")
		nc.Read(b)
		io.WriteString(nc, "250 real\r\n")
		io.Copy(io.Discard, nc)
	}()
	s := open(t, engine.Target{Network: "tcp", Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port}, engine.Options{})
	s.Noop(bg, "")
	time.Sleep(200 * time.Millisecond) // the stray reply has long arrived
	r, err := s.Rset(bg)
	if err == nil && r.Code == 550 {
		t.Errorf("a reply that was in the socket 180ms before RSET was sent is taken for its answer: %v", r)
	}
}

func TestCloseDuringAHandshake(t *testing.T) {
	for range 20 {
		s, _ := openSandbox(t, "plain", "submission", engine.Options{TLS: engine.TLSOptions{ServerName: "localhost"}})
		go func() { time.Sleep(2 * time.Millisecond); s.Close() }()
		s.StartTLS(bg)
	}
}

func TestAFailedLoginNamesNobody(t *testing.T) {
	s, srv := openSandbox(t, "plain", "submission", engine.Options{TLS: engine.TLSOptions{ServerName: "localhost"}})
	s.Ehlo(bg, "")
	if _, err := s.StartTLS(bg); err != nil {
		t.Fatal(err)
	}
	s.Ehlo(bg, "")
	_, _ = s.Auth(bg, engine.AuthOptions{Mechanism: "PLAIN", Credentials: saslmech.Credentials{Username: "ann@sandbox.test", Password: "wrong"}})
	s.Mail(bg, "a@b.example")
	s.Rcpt(bg, "bob@sandbox.test")
	s.Data(bg, strings.NewReader("x\n"))
	if u := srv.Messages()[0].User; u != "" {
		t.Errorf("message of a session whose login failed is recorded as %q's", u)
	}
}

func TestExternalNeedsOurOwnAuthority(t *testing.T) {
	srv, _ := sandbox.Start(sandbox.Options{Profile: "plain"})
	defer srv.Close()
	other, err := testca.New("somebody else")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := other.Issue(testca.Leaf{Names: []string{"admin.example"}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := engine.Dial(bg, sandboxTarget(srv, "submissions"), engine.Options{TLS: engine.TLSOptions{ServerName: "localhost", RootCAs: srv.Roots(), Certificates: []tls.Certificate{cert}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Ehlo(bg, "")
	r, err := s.Auth(bg, engine.AuthOptions{Mechanism: "EXTERNAL", Credentials: saslmech.Credentials{Authzid: "root@sandbox.test"}})
	if err == nil && r.Completed() {
		t.Errorf("certificate of an unknown authority and a foreign authzid are accepted: %v", r)
	}
}

func TestLongAddressesAreNotReflectedWhole(t *testing.T) {
	s, _ := openSandbox(t, "plain", "submission", engine.Options{})
	s.Ehlo(bg, "")
	r, err := s.Mail(bg, strings.Repeat("x", 5000)+"@b.example")
	if err != nil {
		t.Error(err)
	} else {
		t.Log(len(r.Raw))
	}
}

func TestLMTPEndsWith421(t *testing.T) {
	tg := fake(t, "S: 220 hi\nC: LHLO\nS: 250 hi\nC: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: DATA\nS: 354 go\nC* .\nS: 421 4.3.2 going down\nCLOSE")
	tg.LMTP = true
	s := open(t, tg, engine.Options{})
	s.Lhlo(bg, "me")
	s.Mail(bg, "a@b.example")
	s.Rcpt(bg, "a@b.example")
	s.Rcpt(bg, "b@b.example")
	_, err := s.Data(bg, strings.NewReader("x\n"))
	if err != nil {
		t.Error("421 is lost:", err)
	}
}

func TestALateCancelStrikesNobodyElse(t *testing.T) {
	ln, _ := net.Listen("tcp", "127.0.0.1:0")
	defer ln.Close()
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				io.WriteString(nc, "220 hi\r\n")
				b := make([]byte, 100)
				for {
					if _, err := nc.Read(b); err != nil {
						return
					}
					io.WriteString(nc, "250 ok\r\n")
				}
			}()
		}
	}()
	tg := engine.Target{Network: "tcp", Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port}
	bad, good := 0, 0
	dead := time.Now().Add(2 * time.Second)
	var s *engine.Session
	for i := 0; i < 60000 && time.Now().Before(dead); i++ {
		if s == nil || s.Err() != nil {
			if s != nil {
				s.Close()
			}
			s, _ = engine.Dial(bg, tg, engine.Options{})
		}
		ctx, cancel := context.WithCancel(bg)
		go func() { time.Sleep(time.Duration(i%40) * time.Microsecond); cancel() }()
		if _, err := s.Noop(ctx, ""); err != nil {
			continue
		}
		good++
		if _, err := s.Noop(bg, ""); err != nil {
			bad++
			t.Log(err)
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d commands under a background context failed after the one before was canceled too late", bad, good)
	}
}

func TestASourceThatFailsFirst(t *testing.T) {
	s, _ := openSandbox(t, "plain", "submission", engine.Options{})
	s.Ehlo(bg, "")
	_, _ = s.BdatAll(bg, errR{}, 1000, false)
	_, err2 := s.Noop(bg, "")
	if err2 != nil {
		t.Error("nothing was sent, yet the session is lost")
	}
}

type errR struct{}

func (errR) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestTheWinnerDoesNotWaitForTheLoser(t *testing.T) {
	ln, _ := net.Listen("tcp", "127.0.0.1:0")
	defer ln.Close()
	go func() { nc, _ := ln.Accept(); io.WriteString(nc, "220 hi\r\n"); time.Sleep(20 * time.Second) }()
	b := time.Now()
	s, _ := engine.Dial(bg, engine.Target{Network: "tcp", Host: "x.example", Port: 25}, engine.Options{Resolver: res{},
		DialContext: func(ctx context.Context, n, a string) (net.Conn, error) {
			if strings.Contains(a, "2001") {
				time.Sleep(4 * time.Second) // a proxy's dialler that does not look at ctx
				return nil, errors.New("late")
			}
			return net.Dial("tcp", ln.Addr().String())
		}})
	if s != nil {
		s.Close()
	}
	if time.Since(b) > 2*time.Second {
		t.Error("winner waits for the loser")
	}
}

func TestPipelinedSecretsAreMasked(t *testing.T) {
	ev := newEvents()
	s, _ := openSandbox(t, "plain", "submissions", engine.Options{Observer: ev, TLS: engine.TLSOptions{ServerName: "localhost"}})
	s.Ehlo(bg, "")
	_, _ = s.Pipeline(bg, "AUTH LOGIN", "YW5uQHNhbmRib3gudGVzdA==", "YW5uLXNlY3JldA==")
	if strings.Contains(ev.String(), "YW5uLXNlY3JldA==") {
		t.Error("LEAK: password in the transcript\n" + ev.String()[len(ev.String())-200:])
	}
}
