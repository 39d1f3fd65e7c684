package testscripts

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
)

// peer is a server whose replies the test writes.
type peer struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
}

// callers returns a listener for a number of connections.
func callers(t *testing.T) (addr string, conns <-chan net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ch := make(chan net.Conn)
	over := make(chan struct{})
	t.Cleanup(func() { close(over); ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			select {
			case ch <- c:
			case <-over:
				c.Close()
				return
			}
		}
	}()
	return ln.Addr().String(), ch
}

func newPeer(t *testing.T, conns <-chan net.Conn) *peer {
	c := <-conns
	p := &peer{t, c, bufio.NewReader(c)}
	p.says("220 hello")
	return p
}

func (p *peer) says(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.c, line+"\r\n"); err != nil {
		p.t.Fatal(err)
	}
}

// hears reads lines until one begins with a text, and answers it; it returns all.
func (p *peer) hears(prefix, answer string) string {
	p.t.Helper()
	var all strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		if err != nil {
			p.t.Fatalf("%q: %v", prefix, err)
		}
		all.WriteString(line)
		if strings.HasPrefix(line, prefix) {
			p.says(answer)
			return all.String()
		}
	}
}

// envelope answers MAIL, RCPT and DATA.
func (p *peer) envelope() {
	p.hears("MAIL", "250 ok")
	p.hears("RCPT", "250 ok")
}

// TestServerClosesWhileMessageIsTyped: the prompt reports it at once, keeps what was
// typed before and after, and sends it over the next connection.
func TestServerClosesWhileMessageIsTyped(t *testing.T) {
	for name, farewell := range map[string]string{"silent": "", "with a 421": "421 4.4.2 idle for too long"} {
		t.Run(name, func(t *testing.T) {
			addr, conns := callers(t)
			x := start(t, nil, "smtpsh", addr)
			p := newPeer(t, conns)
			x.atPrompt()
			x.keys("MAIL FROM:<a@example.org>\rRCPT TO:<b@example.org>\rDATA\r")
			p.envelope()
			p.hears("DATA", "354 go on")
			x.sees("data>")
			x.keys("Subject: half\r\r")
			x.keys("the second ha")
			x.sees("the second ha")
			if farewell != "" {
				p.says(farewell)
				x.sees("S: 421")
			}
			p.c.Close()
			x.sees("the connection is closed, so the message cannot be")
			x.sees("text is kept> the second ha")
			x.keys("lf\r.\r")
			x.sees("your text is kept")
			x.sees("not connected>")
			x.atPrompt()
			x.keys(":reconnect\r")
			p = newPeer(t, conns)
			x.atPrompt()
			x.keys("MAIL FROM:<a@example.org>\r")
			p.hears("MAIL", "250 ok")
			x.atPrompt()
			x.keys("RCPT TO:<b@example.org>\r")
			p.hears("RCPT", "250 ok")
			x.atPrompt()
			x.keys(":send last\r")
			p.hears("DATA", "354 go on")
			if got := p.hears(".", "250 taken"); got != "Subject: half\r\n\r\nthe second half\r\n.\r\n" {
				t.Errorf("sent: %q", got)
			}
			x.sees("S: 250 taken")
			x.atPrompt()
			x.keys(":q\r")
			p.hears("QUIT", "221 bye")
			if code := x.ends(); code != 0 {
				t.Errorf("exit status %d", code)
			}
		})
	}
}

// TestServerClosesWhileChunkIsTyped is the same for BDAT.
func TestServerClosesWhileChunkIsTyped(t *testing.T) {
	addr, conns := callers(t)
	x := start(t, nil, "smtpsh", addr)
	p := newPeer(t, conns)
	x.atPrompt()
	x.keys("BDAT 20 LAST\r")
	x.sees("bdat 20>")
	x.keys("hello\r")
	x.sees("bdat 13>")
	p.c.Close()
	x.sees("the connection is closed")
	x.keys("you\r")
	x.sees("your text is kept")
	x.leaves()
}

// TestRejectedDATAInPaste: after a rejected DATA the lines of the message are not sent as
// commands.
func TestRejectedDATAInPaste(t *testing.T) {
	x := start(t, nil, "smtpsh", "sandbox:plain/mx")
	x.types("EHLO me")
	x.keys("\x1b[200~DATA\rSubject: pasted\r\rQUIT\r.\rNOOP\r\x1b[201~")
	x.keys("\r")
	x.sees("3 lines up to the dot are not sent")
	x.sees("S: 250 2.0.0")
	x.lacks("closing")
	x.lacks("C: Subject")
	x.leaves()
}
