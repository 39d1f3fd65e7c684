package engine_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
)

// canned is a connection that answers every line at once, so that only the client is
// measured.
type canned struct {
	net.Conn
	reply string
	due   []byte
	data  bool
}

func (c *canned) Write(p []byte) (int, error) {
	reply := c.reply
	switch {
	case c.data && strings.HasSuffix(string(p), "\r\n.\r\n"), c.data && string(p) == ".\r\n":
		c.data = false
	case c.data:
		return len(p), nil
	case string(p) == "DATA\r\n":
		c.data, reply = true, "354 go on\r\n"
	}
	c.due = append(c.due, reply...)
	return len(p), nil
}

func (c *canned) Read(p []byte) (int, error) {
	n := copy(p, c.due)
	c.due = c.due[:copy(c.due, c.due[n:])]
	return n, nil
}

func (*canned) Close() error                     { return nil }
func (*canned) RemoteAddr() net.Addr             { return nil }
func (*canned) LocalAddr() net.Addr              { return nil }
func (*canned) SetDeadline(time.Time) error      { return nil }
func (*canned) SetReadDeadline(time.Time) error  { return nil }
func (*canned) SetWriteDeadline(time.Time) error { return nil }

func cannedSession(t testing.TB, reply string) *engine.Session {
	t.Helper()
	c := &canned{reply: reply, due: []byte("220 hi\r\n")}
	s, err := engine.New(t.Context(), c, engine.Target{Network: "tcp", Host: "canned", Port: 25}, engine.Options{HELO: "me"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A command and its reply need two allocations: the reply and its text.
func TestCommandNeedsTwoAllocations(t *testing.T) {
	s := cannedSession(t, "250 2.0.0 ok\r\n")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if n := testing.AllocsPerRun(200, func() { s.Noop(ctx, "") }); n > 2 && !raceEnabled { //nolint:errcheck // canned always answers
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCommand(b *testing.B) {
	for name, do := range map[string]func(s *engine.Session, ctx context.Context){
		// canned always answers
		"noop": func(s *engine.Session, ctx context.Context) { s.Noop(ctx, "") }, //nolint:errcheck
		// canned always answers
		"mail": func(s *engine.Session, ctx context.Context) { s.Mail(ctx, "ann@example.org") }, //nolint:errcheck
		"data": func(s *engine.Session, ctx context.Context) {
			s.Data(ctx, strings.NewReader("Subject: x\r\n\r\n"+body))
		}, //nolint:errcheck // canned always answers
	} {
		b.Run(name, func(b *testing.B) {
			s := cannedSession(b, "250 2.0.0 ok\r\n")
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				do(s, ctx)
			}
		})
	}
}

var body = strings.Repeat(strings.Repeat("x", 62)+"\r\n", 16)

func BenchmarkEhlo(b *testing.B) {
	lines := strings.Split("mx.example.org at your service|SIZE 35882577|8BITMIME|STARTTLS|AUTH LOGIN PLAIN "+
		"XOAUTH2|ENHANCEDSTATUSCODES|PIPELINING|CHUNKING|DSN|SMTPUTF8",
		"|")
	s := cannedSession(b, "250-"+strings.Join(lines[:9], "\r\n250-")+"\r\n250 "+lines[9]+"\r\n")
	b.ReportAllocs()
	for b.Loop() {
		s.Ehlo(context.Background(), "me") //nolint:errcheck // canned always answers
	}
}
