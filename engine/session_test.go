package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/internal/fakeserver"
)

func TestParseTarget(t *testing.T) {
	tests := []struct {
		in   string
		want string // target.String and its flags, or "error: " and a part of it
	}{
		{"mx.example.org", "mx.example.org:587"},
		{"mx.example.org:25", "mx.example.org:25"},
		{"mx.example.org:465", "mx.example.org:465 tls"},
		{"192.0.2.1", "192.0.2.1:587"},
		{"2001:db8::1", "[2001:db8::1]:587"},
		{"[2001:db8::1]", "[2001:db8::1]:587"},
		{"[2001:db8::1]:25", "[2001:db8::1]:25"},
		{"[fe80::1%eth0]:25", "[fe80::1%eth0]:25"},
		{"smtp://mx.example.org", "mx.example.org:587"},
		{"smtp://mx.example.org:465", "mx.example.org:465 tls"},
		{"smtps://mx.example.org", "mx.example.org:465 tls"},
		{"SMTPS://mx.example.org:8465", "smtps://mx.example.org:8465 tls"},
		{"lmtp://localhost", "lmtp://localhost:24 lmtp"},
		{"lmtp://[::1]:2424", "lmtp://[::1]:2424 lmtp"},
		{"unix:/run/lmtp.sock", "unix:/run/lmtp.sock"},
		{"lmtp+unix:/run/lmtp.sock", "lmtp+unix:/run/lmtp.sock lmtp"},
		{"bücher.example:587", "xn--bcher-kva.example:587"},
		{"smtps://BÜCHER.example", "xn--bcher-kva.example:465 tls"},
		{"mx.example.org.:25", "mx.example.org.:25"},
		{"b\u202ebb.example", "error: has no ASCII form"},
		{"sandbox:plain", "error: is no scheme"},
		{"mx.example.org:smtp", "error: not a number"},
		{"", "error: the target is empty"},
		{"a b", "error: has a space"},
		{"host:", "error: the port is missing"},
		{"host:0", "error: not a number from 1 to 65535"},
		{"host:70000", "error: not a number"},
		{"host:smtp", "error: not a number"},
		{":25", "error: the host is missing"},
		{"[::1", "error: bracket is not closed"},
		{"[::1]25", "error: colon and a port"},
		{"[mx]:25", "error: is not an IPv6 address"},
		{"1:2:3", "error: neither host:port nor an IPv6 address"},
		{"http://mx", "error: scheme must be smtp"},
		{"smtp://user:hunter2@mx", "error: does not belong into the address"},
		{"smtp://mx/path", "error: nothing may follow"},
		{"unix:", "error: the form is unix:PATH"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			target, err := engine.ParseTarget(tt.in)
			if want, bad := strings.CutPrefix(tt.want, "error: "); bad {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Fatalf("got %v, %v; want an error with %q", target, err, want)
				}
				if strings.Contains(err.Error(), "hunter2") {
					t.Fatal("the error tells the password")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := target.String()
			if target.Implicit {
				got += " tls"
			}
			if target.LMTP {
				got += " lmtp"
			}
			if got != tt.want {
				t.Fatalf("got %s, want %s", got, tt.want)
			}
			again, err := engine.ParseTarget(target.String())
			if err != nil || again != target {
				t.Fatalf("%s reads as %+v (%v), want %+v", target, again, err, target)
			}
		})
	}
}

func TestEveryVerbReturnsAReplyOfAnyCode(t *testing.T) {
	s, _ := openSandbox(t, "plain", "mx", engine.Options{HELO: "client.example.org"})
	ctx := t.Context()
	steps := []struct {
		name string
		want int
		call func() (*reply.Reply, error)
	}{
		{"EHLO", 250, func() (*reply.Reply, error) { return s.Ehlo(ctx, "") }},
		{"LHLO", 500, func() (*reply.Reply, error) { return s.Lhlo(ctx, "x") }},
		{"HELO", 250, func() (*reply.Reply, error) { return s.Helo(ctx, "x") }},
		{"EHLO bad", 501, func() (*reply.Reply, error) { return s.Ehlo(ctx, "a b") }},
		{"EHLO", 250, func() (*reply.Reply, error) { return s.Ehlo(ctx, "bücher.example") }},
		{"NOOP", 250, func() (*reply.Reply, error) { return s.Noop(ctx, "x") }},
		{"HELP", 214, func() (*reply.Reply, error) { return s.Help(ctx, "") }},
		{"VRFY", 250, func() (*reply.Reply, error) { return s.Vrfy(ctx, "ann") }},
		{"EXPN", 550, func() (*reply.Reply, error) { return s.Expn(ctx, "none") }},
		{"DATA early", 503, func() (*reply.Reply, error) { return s.Data(ctx, strings.NewReader("x")) }},
		{"MAIL", 250, func() (*reply.Reply, error) {
			return s.Mail(ctx, "<a@example.org>", engine.Param{Key: "SIZE", Value: "9"})
		}},
		{"RCPT", 550, func() (*reply.Reply, error) { return s.Rcpt(ctx, "unknown-user@sandbox.test") }},
		{"RCPT", 250, func() (*reply.Reply, error) {
			return s.Rcpt(ctx, "bob@sandbox.test", engine.Param{Key: "NOTIFY", Value: "NEVER"})
		}},
		{"RSET", 250, func() (*reply.Reply, error) { return s.Rset(ctx) }},
		{"MAIL unknown parameter", 555, func() (*reply.Reply, error) { return s.Mail(ctx, "", engine.Param{Key: "X-FOO"}) }},
		{"MAIL null", 250, func() (*reply.Reply, error) { return s.Mail(ctx, "") }},
		{"RCPT", 250, func() (*reply.Reply, error) { return s.Rcpt(ctx, "bob@sandbox.test") }},
		{"BDAT", 250, func() (*reply.Reply, error) { return s.Bdat(ctx, engine.Chunk{Data: []byte("abc")}) }},
		{"BDAT LAST", 250, func() (*reply.Reply, error) { return s.Bdat(ctx, engine.Chunk{Last: true}) }},
		{"XYZZY", 500, func() (*reply.Reply, error) { return s.Do(ctx, "xyzzy now") }},
		{"QUIT", 221, func() (*reply.Reply, error) { return s.Quit(ctx) }},
	}
	for _, st := range steps {
		r, err := st.call()
		if err != nil || r.Code != st.want {
			t.Fatalf("%s: %v, %v; want %d", st.name, r, err, st.want)
		}
	}
	if _, err := s.Noop(ctx, ""); !errors.Is(err, engine.ErrClosed) {
		t.Fatalf("after QUIT: %v, want ErrClosed", err)
	}
}

func TestStateIsObserved(t *testing.T) {
	s, _ := openSandbox(t, "plain", "mx", engine.Options{})
	ctx := t.Context()
	for _, st := range []struct {
		line  string
		state engine.State
	}{
		{"NOOP", engine.Connected}, {"MAIL FROM:<a@b>", engine.Connected},
		{"EHLO x", engine.Ready}, {"MAIL FROM:<a@b.example>", engine.InMail},
		{"RCPT TO:<unknown-user@sandbox.test>", engine.InMail},
		{"rcpt to:<bob@sandbox.test>", engine.InRcpt}, {"RSET", engine.Ready},
		{"MAIL FROM:<a@b.example>", engine.InMail}, {"EHLO x", engine.Ready},
		{"MAIL FROM:<a@b.example>", engine.InMail},
		{"RCPT TO:<bob@sandbox.test>", engine.InRcpt},
		{"DATA", engine.InData},
	} {
		if _, err := s.Do(ctx, st.line); err != nil {
			t.Fatal(err)
		}
		if s.State() != st.state {
			t.Fatalf("after %q: state %v, want %v", st.line, s.State(), st.state)
		}
	}
	if from, rcpts := s.Envelope(); from != "a@b.example" || len(rcpts) != 1 || rcpts[0] != "bob@sandbox.test" {
		t.Fatalf("envelope %q %q", from, rcpts)
	}
	if err := s.Write(ctx, []byte("Subject: x\r\n\r\nx\r\n.\r\n")); err != nil {
		t.Fatal(err)
	}
	r, err := s.ReadReply(ctx, 0)
	if err != nil || r.Code != 250 || s.State() != engine.Ready {
		t.Fatalf("%v, %v, state %v", r, err, s.State())
	}
}

func TestInvalidArgumentsAreNotSent(t *testing.T) {
	ev := newEvents()
	s, _ := openSandbox(t, "plain", "mx", engine.Options{Observer: ev})
	ctx := t.Context()
	before := ev.count(event.LineSent)
	for name, call := range map[string]func() (*reply.Reply, error){
		"CR in MAIL":     func() (*reply.Reply, error) { return s.Mail(ctx, "a@b\r\nRCPT TO:<c@d>") },
		"LF in RCPT":     func() (*reply.Reply, error) { return s.Rcpt(ctx, "a@b\nDATA") },
		"NUL in EHLO":    func() (*reply.Reply, error) { return s.Ehlo(ctx, "x\x00y") },
		"CR in VRFY":     func() (*reply.Reply, error) { return s.Vrfy(ctx, "a\rb") },
		"LF in Do":       func() (*reply.Reply, error) { return s.Do(ctx, "NOOP\nQUIT") },
		"space in value": func() (*reply.Reply, error) { return s.Mail(ctx, "a@b", engine.Param{Key: "ENVID", Value: "a b"}) },
		"CR in key":      func() (*reply.Reply, error) { return s.Mail(ctx, "a@b", engine.Param{Key: "A\r"}) },
		"UTF-8 mailbox":  func() (*reply.Reply, error) { return s.Rcpt(ctx, "dörte@sandbox.test") },
		"bad UTF-8":      func() (*reply.Reply, error) { return s.Rcpt(ctx, "d\xffrte@sandbox.test") },
	} {
		if r, err := call(); !errors.Is(err, engine.ErrUsage) || engine.KindOf(err) != "usage" {
			t.Errorf("%s: %v, %v; want ErrUsage", name, r, err)
		}
	}
	if after := ev.count(event.LineSent); after != before {
		t.Errorf("%d lines were sent", after-before)
	}
	if r, err := s.Noop(ctx, ""); err != nil || r.Code != 250 {
		t.Errorf("the session suffered: %v, %v", r, err)
	}
}

func TestInternationalAddresses(t *testing.T) {
	s, srv := openSandbox(t, "plain", "mx", engine.Options{})
	ctx := t.Context()
	ev := func(r *reply.Reply, err error) {
		t.Helper()
		if err != nil || !r.Positive() {
			t.Fatalf("%v, %v", r, err)
		}
	}
	// before EHLO nothing is offered, so the domain is sent as A-label
	if _, err := s.Mail(ctx, "a@bücher.example"); err != nil {
		t.Fatal(err)
	}
	ev(s.Ehlo(ctx, "x"))
	r, err := s.Mail(ctx, "jürgen@bücher.example")
	ev(r, err)
	if r.Command != "MAIL FROM:<jürgen@bücher.example> SMTPUTF8" {
		t.Errorf("sent %q", r.Command)
	}
	ev(s.Rcpt(ctx, "dörte@sandbox.test"))
	ev(s.Data(ctx, strings.NewReader("x")))
	if m := srv.Messages(); len(m) != 1 || m[0].From != "jürgen@bücher.example" || m[0].Rcpts[0].Address != "dörte@sandbox.test" {
		t.Errorf("received %+v", m)
	}
	ev(s.Helo(ctx, "x"))
	r, err = s.Mail(ctx, "a@bücher.example")
	ev(r, err)
	if r.Command != "MAIL FROM:<a@xn--bcher-kva.example>" {
		t.Errorf("sent %q", r.Command)
	}
}

func TestDataArrivesAsSent(t *testing.T) {
	big := strings.Repeat("line of text\n.dot\n\n..two\r\nbare\rcr\n", 50000)
	want := strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n").Replace(big)
	for _, how := range []string{"DATA", "BDAT", "BDAT small chunks"} {
		t.Run(how, func(t *testing.T) {
			ev := newEvents()
			s, srv := openSandbox(t, "plain", "mx", engine.Options{Observer: ev})
			ctx := t.Context()
			s.Ehlo(ctx, "x")
			s.Mail(ctx, "a@example.org")
			s.Rcpt(ctx, "bob@sandbox.test")
			var r *reply.Reply
			var err error
			switch how {
			case "DATA":
				r, err = s.Data(ctx, strings.NewReader(big))
			case "BDAT":
				r, err = s.BdatAll(ctx, strings.NewReader(big), engine.ChunkOptions{Text: true})
			default:
				r, err = s.BdatAll(ctx, strings.NewReader(big), engine.ChunkOptions{Size: 9973, Text: true})
			}
			if err != nil || r.Code != 250 {
				t.Fatalf("%v, %v", r, err)
			}
			if m := srv.Messages(); len(m) != 1 || string(m[0].Data) != want {
				t.Fatalf("the message came out changed")
			}
			if ev.count(event.Progress) == 0 {
				t.Error("no progress was reported")
			}
		})
	}
	t.Run("exact bytes by BDAT", func(t *testing.T) {
		s, srv := openSandbox(t, "plain", "mx", engine.Options{})
		ctx := t.Context()
		s.Ehlo(ctx, "x")
		s.Mail(ctx, "", engine.Param{Key: "BODY", Value: "BINARYMIME"})
		s.Rcpt(ctx, "bob@sandbox.test")
		raw := "a\x00b\rc\nd\r\n.\r\n\xff"
		if r, err := s.BdatAll(ctx, strings.NewReader(raw), engine.ChunkOptions{Size: 3}); err != nil || r.Code != 250 {
			t.Fatalf("%v, %v", r, err)
		}
		if m := srv.Messages(); string(m[0].Data) != raw {
			t.Fatalf("got %q", m[0].Data)
		}
	})
	t.Run("chunks that fit exactly", func(t *testing.T) {
		for _, n := range []int{0, 1, 10, 20} {
			s, srv := openSandbox(t, "plain", "mx", engine.Options{})
			ctx := t.Context()
			s.Ehlo(ctx, "x")
			s.Mail(ctx, "")
			s.Rcpt(ctx, "bob@sandbox.test")
			if r, err := s.BdatAll(ctx, strings.NewReader(strings.Repeat("x", n)), engine.ChunkOptions{Size: 10}); err != nil || r.Code != 250 {
				t.Fatalf("%v, %v", r, err)
			}
			if m := srv.Messages(); len(m) != 1 || len(m[0].Data) != n {
				t.Fatalf("%d bytes sent, %+v received", n, m)
			}
		}
	})
}

func TestSourceThatFails(t *testing.T) {
	s, srv := openSandbox(t, "plain", "mx", engine.Options{})
	ctx := t.Context()
	s.Ehlo(ctx, "x")
	s.Mail(ctx, "")
	s.Rcpt(ctx, "bob@sandbox.test")
	broken := errors.New("disk on fire")
	_, err := s.Data(ctx, io.MultiReader(strings.NewReader("half a mess"), &failing{broken}))
	if !errors.Is(err, broken) || !errors.Is(err, engine.ErrUsage) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Noop(ctx, ""); !errors.Is(err, engine.ErrOutOfStep) {
		t.Fatalf("a message cut short went on: %v", err)
	}
	s.Close()
	srv.Close()
	if n := len(srv.Messages()); n != 0 {
		t.Fatal("half a message was accepted")
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestEarlyReplies(t *testing.T) {
	begin := "S: 220 x\nC: EHLO\nS: 250 x\nC: DATA\nS: 354 go\n"
	endless := func() io.Reader { return strings.NewReader(strings.Repeat("a line that is quite long\r\n", 4<<20/27)) }
	t.Run("a refusal, and the server stops reading", func(t *testing.T) {
		ev := newEvents()
		s := open(t, fake(t, begin+"C> 100\nS: 552 5.3.4 too big\nHANG"), engine.Options{Observer: ev})
		s.Ehlo(t.Context(), "x")
		r, err := s.Data(t.Context(), endless())
		if err != nil || r.Code != 552 || len(r.Defects) == 0 || r.Defects[len(r.Defects)-1].Kind != reply.Early {
			t.Fatalf("%v, %v", r, err)
		}
		if _, err := s.Noop(t.Context(), ""); !errors.Is(err, engine.ErrOutOfStep) {
			t.Fatalf("%v", err)
		}
	})
	t.Run("a success means nothing", func(t *testing.T) {
		s := open(t, fake(t, begin+"C> 100\nS: 250 2.0.0 accepted\nHANG"), engine.Options{})
		s.Ehlo(t.Context(), "x")
		r, err := s.Data(t.Context(), endless())
		if !errors.Is(err, engine.ErrProtocol) {
			t.Fatalf("%v, %v", r, err)
		}
	})
	t.Run("the server hangs up", func(t *testing.T) {
		s := open(t, fake(t, begin+"C> 100\nCLOSE"), engine.Options{})
		s.Ehlo(t.Context(), "x")
		r, err := s.Data(t.Context(), endless())
		if !errors.Is(err, engine.ErrClosed) {
			t.Fatalf("%v, %v", r, err)
		}
	})
	t.Run("a chunk", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nC: BDAT 4000000\nC> 100\nS: 552 5.3.4 too big\nHANG"), engine.Options{})
		r, err := s.Bdat(t.Context(), engine.Chunk{Data: make([]byte, 4000000), Last: true, AnyLength: true})
		if err != nil || r.Code != 552 {
			t.Fatalf("%v, %v", r, err)
		}
	})
}

func TestPipeline(t *testing.T) {
	ev := newEvents()
	s, _ := openSandbox(t, "plain", "mx", engine.Options{Observer: ev})
	ctx := t.Context()
	s.Ehlo(ctx, "x")
	got, err := s.Pipeline(ctx, "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "RCPT TO:<unknown-user@sandbox.test>", "NOOP")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{250, 250, 550, 250} {
		if got[i].Reply == nil || got[i].Reply.Code != want {
			t.Fatalf("%q: %v, want %d", got[i].Line, got[i].Reply, want)
		}
	}
	if s.State() != engine.InRcpt {
		t.Errorf("state %v", s.State())
	}
	text := ev.String()
	if strings.Index(text, "C: NOOP") > strings.Index(text, "S: 250 2.1.0 sender ok") {
		t.Errorf("the commands did not leave together:\n%s", text)
	}
	many := make([]string, 5000)
	for i := range many {
		many[i] = "NOOP " + strings.Repeat("x", 100)
	}
	got, err = s.Pipeline(ctx, many...)
	if err != nil || len(got) != len(many) || got[len(many)-1].Reply == nil {
		t.Fatalf("a large batch: %v", err)
	}
}

func TestRawBytes(t *testing.T) {
	s, _ := openSandbox(t, "plain", "mx", engine.Options{})
	ctx := t.Context()
	for _, b := range []string{"EH", "LO x\r", "\nNOOP\r\nMAIL FROM:<a@example.org>\r\n"} {
		if err := s.Write(ctx, []byte(b)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Unread() != 3 {
		t.Fatalf("%d replies are due, want 3", s.Unread())
	}
	if _, err := s.Rset(ctx); !errors.Is(err, engine.ErrUsage) {
		t.Fatalf("a command went out with replies unread: %v", err)
	}
	for _, want := range []string{"EHLO x", "NOOP", "MAIL FROM:<a@example.org>"} {
		r, err := s.ReadReply(ctx, 0)
		if err != nil || r.Command != want {
			t.Fatalf("%v, %v; want the answer to %q", r, err, want)
		}
	}
	if s.State() != engine.InMail || !s.Has("PIPELINING") {
		t.Errorf("state %v, capabilities %v", s.State(), s.Capabilities())
	}
	if _, err := s.ReadReply(ctx, 20*time.Millisecond); !errors.Is(err, engine.ErrTimeout) {
		t.Fatalf("reading what nobody asked for: %v", err)
	}
	if r, err := s.Noop(ctx, ""); err != nil || r.Code != 250 {
		t.Fatalf("the session did not survive an idle read: %v, %v", r, err)
	}
	if err := s.Write(ctx, []byte("QUIT\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if r, err := s.ReadReply(ctx, 0); err != nil || r.Code != 221 {
		t.Fatalf("%v, %v", r, err)
	}
	if eof, err := s.EOF(ctx, 0); !eof || err != nil {
		t.Fatalf("EOF %v, %v", eof, err)
	}
}

func TestLMTP(t *testing.T) {
	s, _ := openSandbox(t, "lmtp", "", engine.Options{})
	ctx := t.Context()
	if r, err := s.Hello(ctx, "x"); err != nil || r.Code != 250 {
		t.Fatalf("%v, %v", r, err)
	}
	for _, how := range []string{"DATA", "BDAT"} {
		s.Mail(ctx, "a@example.org")
		for _, to := range []string{"ann@sandbox.test", "unknown-user@sandbox.test", "over-quota@sandbox.test"} {
			s.Rcpt(ctx, to)
		}
		var r *reply.Reply
		var err error
		if how == "DATA" {
			r, err = s.Data(ctx, strings.NewReader("x\n"))
		} else {
			r, err = s.Bdat(ctx, engine.Chunk{Data: []byte("x\r\n"), Last: true})
		}
		if err != nil || r.Code != 452 {
			t.Fatalf("%s: %v, %v; want the worst reply", how, r, err)
		}
		d := s.Deliveries()
		if len(d) != 2 || d[0].Recipient != "ann@sandbox.test" || d[0].Reply.Code != 250 || d[1].Reply.Code != 452 {
			t.Fatalf("%s: %v", how, d)
		}
	}
	if r, err := s.Noop(ctx, ""); err != nil || r.Code != 250 {
		t.Fatalf("out of step after LMTP: %v, %v", r, err)
	}
}

func TestBadServers(t *testing.T) {
	short := engine.UniformTimeouts(500 * time.Millisecond)
	tests := []struct {
		name, script string
		opts         engine.Options
		kind         error
		text         string
	}{
		{"not a reply", "S: hello\nHANG", engine.Options{}, engine.ErrProtocol, "not a reply line"},
		{"HTTP", "S: HTTP/1.1 400 Bad Request\nHANG", engine.Options{}, engine.ErrProtocol, "not a reply line"},
		{"silent", "HANG", engine.Options{Timeouts: short}, engine.ErrTimeout, "greeting: timed out"},
		{"half a reply", "S> 220 mx\nHANG", engine.Options{Timeouts: short}, engine.ErrTimeout, "220 mx"},
		{"no last line", "S: 220-mx\nHANG", engine.Options{Timeouts: short}, engine.ErrTimeout, "greeting"},
		{"closes", "CLOSE", engine.Options{}, engine.ErrClosed, "the server closed the connection"},
		{"closes in a line", "S> 220 m\nCLOSE", engine.Options{}, engine.ErrClosed, "in the middle of a reply"},
		{"endless line", "S> " + strings.Repeat("2", 5000) + "\nHANG", engine.Options{}, engine.ErrProtocol, "longer than 4096"},
		{
			"endless reply",
			strings.Repeat("S: 220-"+strings.Repeat("x", 1000)+"\n", 80) + "HANG",
			engine.Options{}, engine.ErrProtocol, "longer than 65536",
		},
		{"whole session", "HANG", engine.Options{Deadline: 500 * time.Millisecond}, engine.ErrTimeout, "whole session"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := engine.Dial(t.Context(), fake(t, tt.script), tt.opts)
			if err == nil {
				s.Close()
				t.Fatal("no error")
			}
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) {
				t.Fatalf("got %v, want %v with %q", err, tt.kind, tt.text)
			}
			var op *engine.OpError
			if !errors.As(err, &op) || op.Op == "" {
				t.Fatalf("%T is not an OpError with a step", err)
			}
		})
	}
}

func TestOutOfStep(t *testing.T) {
	t.Run("after a time-out", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nC: NOOP\nHANG"), engine.Options{Timeouts: engine.UniformTimeouts(500 * time.Millisecond)})
		if _, err := s.Noop(t.Context(), ""); !errors.Is(err, engine.ErrTimeout) {
			t.Fatal(err)
		}
		if _, err := s.Noop(t.Context(), ""); !errors.Is(err, engine.ErrOutOfStep) {
			t.Fatalf("the session went on: %v", err)
		}
	})
	t.Run("after cancel", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nC: NOOP\nHANG"), engine.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if _, err := s.Noop(ctx, ""); !errors.Is(err, engine.ErrCanceled) {
			t.Fatal(err)
		}
		if _, err := s.Noop(t.Context(), ""); !errors.Is(err, engine.ErrOutOfStep) {
			t.Fatalf("the session went on: %v", err)
		}
	})
	t.Run("two replies to one command", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nC: NOOP\nS> 250 one\\r\\n250 two\\r\\n\nHANG"), engine.Options{})
		if r, err := s.Noop(t.Context(), ""); err != nil || r.Text() != "one" {
			t.Fatalf("%v, %v", r, err)
		}
		if r, err := s.Noop(t.Context(), ""); !errors.Is(err, engine.ErrProtocol) {
			t.Fatalf("somebody else's reply was read: %v, %v", r, err)
		}
	})
	t.Run("421 that comes by itself", func(t *testing.T) {
		s := open(t, fake(t, "S> 220 x\\r\\n421 4.4.2 idle\\r\\n\nHANG"), engine.Options{})
		_, err := s.Noop(t.Context(), "")
		var op *engine.OpError
		if !errors.Is(err, engine.ErrClosed) || !errors.As(err, &op) || op.Reply == nil || op.Reply.Code != 421 {
			t.Fatalf("%v", err)
		}
	})
	t.Run("Close from elsewhere", func(t *testing.T) {
		s := open(t, fake(t, "S: 220 x\nHANG"), engine.Options{})
		time.AfterFunc(20*time.Millisecond, func() { s.Close() })
		if _, err := s.Noop(t.Context(), ""); !errors.Is(err, engine.ErrClosed) {
			t.Fatal(err)
		}
	})
}

func TestDefectsAreFindings(t *testing.T) {
	ev := newEvents()
	s := open(t, fake(t, `S> 220 hi\n
		C: NOOP
		S> 250-a\r\n550 b \e[2J\r\n
		C: NOOP
		S> 250\r\n
		HANG`), engine.Options{Observer: ev})
	r, err := s.Noop(t.Context(), "")
	if err != nil || r.Code != 550 || len(r.Defects) != 2 {
		t.Fatalf("%v, %v, %v", r, err, r.Defects)
	}
	if r, err = s.Noop(t.Context(), ""); err != nil || r.Code != 250 || r.Text() != "" || len(r.Defects) != 0 {
		t.Fatalf("a bare 250: %v, %v", r, err)
	}
	text := ev.String()
	for _, want := range []string{
		`S: 220 hi\n`, "finding: a reply line ends with LF", `S: 550 b \x1b[2J`,
		"different codes", "control bytes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the transcript lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("an escape byte reached the transcript")
	}
}

func TestDialErrorNamesWhatWasTried(t *testing.T) {
	target := fake(t, "S: 220 x\nHANG")
	ev := newEvents()
	target.Host = "mx.example.org"
	s := open(t, target, engine.Options{Observer: ev, Resolver: fixed{"2001:db8::1", "127.0.0.1", "192.0.2.7"},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if strings.HasPrefix(addr, "[2001:db8::1]") {
				return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}})
	var told []string
	for _, e := range ev.list {
		if e.Kind <= event.Connected {
			host, _, _ := net.SplitHostPort(e.Addr)
			told = append(told, e.Kind.String()+" "+host)
		}
	}
	want := "dialing 2001:db8::1|dial-failed 2001:db8::1|dialing 127.0.0.1|connected 127.0.0.1"
	if got := strings.Join(told, "|"); got != want {
		t.Errorf("told %s, want %s", got, want)
	}
	s.Close()
	for network, count := range map[string]int{"tcp4": 2, "tcp6": 1} {
		ev := newEvents()
		_, err := engine.Dial(t.Context(), target,
			engine.Options{Observer: ev, Network: network, Resolver: fixed{"2001:db8::1", "127.0.0.1", "192.0.2.7"},
				DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no") }})
		if !errors.Is(err, engine.ErrDial) || ev.count(event.Dialing) != count {
			t.Errorf("%s: %d addresses tried, %v", network, ev.count(event.Dialing), err)
		}
	}
}

type fixed []string

func (f fixed) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, s := range f {
		out = append(out, netip.MustParseAddr(s))
	}
	return out, nil
}

func TestDialErrors(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	_, err = engine.Dial(t.Context(), engine.Target{Network: "tcp", Host: "127.0.0.1", Port: port}, engine.Options{})
	var op *engine.OpError
	if !errors.Is(err, engine.ErrDial) || !errors.As(err, &op) || !strings.Contains(err.Error(), "connection refused") || len(op.Advice) == 0 {
		t.Errorf("refused port: %v", err)
	}
	_, err = engine.Dial(t.Context(), engine.Target{Network: "unix", Path: t.TempDir() + "/none"}, engine.Options{})
	if !errors.Is(err, engine.ErrDial) {
		t.Errorf("missing socket: %v", err)
	}
	_, err = engine.Dial(t.Context(), engine.Target{Network: "sandbox", Host: "gmail"}, engine.Options{})
	if !errors.Is(err, engine.ErrUsage) {
		t.Errorf("sandbox: %v", err)
	}
}

func TestUnixSocket(t *testing.T) {
	path := t.TempDir() + "/s"
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	fakeserver.LoopOn(t, ln, func(c net.Conn) {
		io.WriteString(c, "220 unix\r\n") //nolint:errcheck // the client reports it
		io.Copy(io.Discard, c)            //nolint:errcheck // until the client closes the connection
	})
	s := open(t, engine.Target{Network: "unix", Path: path}, engine.Options{})
	if s.Greeting().Text() != "unix" || s.ClientName() != "localhost" || !s.Loopback() {
		t.Errorf("greeting %v, HELO %s", s.Greeting(), s.ClientName())
	}
}

func TestCapabilities(t *testing.T) {
	r := reply.Parse([]byte("250-mx hello\r\n250-size 1000\r\n250-AUTH PLAIN login\r\n250-AUTH=LOGIN CRAM-MD5\r\n250-\r\n250-Foo\tbar\r\n" +
		"250 PIPELINING\r\n"))
	c := engine.ParseCapabilities(r)
	if p, ok := c.Params("SIZE"); !ok || p != "1000" || !c.Has("pipelining") || c.Has("MX") || !c.HasParam("AUTH", "plain") ||
		!c.HasParam("auth", "CRAM-MD5") || c.HasParam("SIZE", "1") {
		t.Errorf("%+v", c)
	}
	if got := strings.Join(c.Mechanisms(), " "); got != "PLAIN LOGIN CRAM-MD5" {
		t.Errorf("mechanisms %s", got)
	}
	for line, want := range map[string]string{
		"AUTH=PLAIN LOGIN": "PLAIN LOGIN", "auth=plain": "PLAIN", "AUTH= PLAIN": "PLAIN", "AUTH LOGIN login": "LOGIN",
		"AUTH": "", "AUTH=": "", "XAUTH PLAIN": "none", "AUTHX=PLAIN": "none",
	} {
		c := engine.ParseCapabilities(reply.Parse([]byte("250-mx\r\n250 " + line + "\r\n")))
		params, offered := c.Params("AUTH")
		if got := strings.ToUpper(params); offered != (want != "none") || offered && (got != want || strings.Join(c.Mechanisms(), " ") != want) {
			t.Errorf("%q: AUTH %v %q, mechanisms %v", line, offered, params, c.Mechanisms())
		}
	}
}

func FuzzCapabilities(f *testing.F) {
	f.Add([]byte("250-mx\r\n250-AUTH PLAIN\r\n250 SIZE 1\r\n"))
	f.Add([]byte("250 mx\r\n"))
	f.Add([]byte("250-\n250-\xff\x00 AUTH=\n250 AUTH"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := engine.ParseCapabilities(reply.Parse(raw))
		for _, k := range c {
			if k.Keyword == "" || strings.Contains(k.Keyword, " ") {
				t.Fatalf("keyword %q", k.Keyword)
			}
			if !c.Has(strings.ToLower(k.Keyword)) && k.Keyword == strings.ToUpper(strings.ToLower(k.Keyword)) {
				t.Fatalf("%q is not found", k.Keyword)
			}
		}
		c.Mechanisms()
	})
}

func BenchmarkNoop(b *testing.B) {
	for _, observed := range []bool{false, true} {
		b.Run(fmt.Sprintf("observed=%v", observed), func(b *testing.B) {
			opts := engine.Options{}
			if observed {
				var n int
				opts.Observer = event.Func(func(*event.Event) { n++ })
			}
			s, _ := openSandbox(b, "plain", "mx", opts)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Noop(ctx, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkData(b *testing.B) {
	s, _ := openSandbox(b, "plain", "mx", engine.Options{})
	ctx := context.Background()
	s.Ehlo(ctx, "x")
	body := bytes.Repeat([]byte(strings.Repeat("x", 70)+"\n"), 1<<20/71)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		s.Mail(ctx, "")
		s.Rcpt(ctx, "bob@sandbox.test")
		if r, err := s.Data(ctx, bytes.NewReader(body)); err != nil || r.Code != 250 {
			b.Fatal(r, err)
		}
	}
}
