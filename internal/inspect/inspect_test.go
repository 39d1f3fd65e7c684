package inspect_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/authority"
	"smtpsh/internal/fakeserver"
	"smtpsh/internal/inspect"
	"smtpsh/internal/sandbox"
)

const token = "ABCDEFGHIJ234567"

func serve(t *testing.T) (*sandbox.Server, *inspect.Server, inspect.Client) {
	t.Helper()
	box, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	s, err := inspect.Listen("127.0.0.1:0", token, box)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return box, s, inspect.Client{Address: inspect.Address{Token: token, Host: s.Addr().String()}, Roots: box.Roots()}
}

func send(t *testing.T, box *sandbox.Server, text string) {
	t.Helper()
	c, err := smtp.Dial(box.Addr("mx"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, err := range []error{c.Hello("me"), c.Mail("ann@example.org"), c.Rcpt("bob@sandbox.test")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w, err := c.Data()
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestClientReadsAccountsAndMessages(t *testing.T) {
	box, _, c := serve(t)
	send(t, box, "Subject: one\r\n\r\nhello\r\n")
	send(t, box, "Subject: two\r\n\r\n"+strings.Repeat(strings.Repeat("x", 78)+"\r\n", 5000))
	a, err := c.Accounts(t.Context())
	if err != nil || a.Profile != "plain" || len(a.Accounts) != 3 || a.Accounts[0].User != "ann@sandbox.test" {
		t.Errorf("%+v, %v", a, err)
	}
	a, err = c.Messages(t.Context())
	if err != nil || len(a.Messages) != 2 || a.Left != 0 || !strings.Contains(a.Messages[1].Text, "400016 bytes: two") {
		t.Errorf("%+v, %v", a, err)
	}
	a, err = c.Message(t.Context(), 1)
	if err != nil || a.Message == nil || string(a.Message.Data) != "Subject: one\r\n\r\nhello\r\n" || !strings.Contains(a.Message.Envelope,
		"RCPT TO:<bob@sandbox.test>") {
		t.Errorf("%+v, %v", a, err)
	}
	a, err = c.Message(t.Context(), 2)
	if err != nil || a.Message == nil || a.Message.Size != 400016 || len(a.Message.Data) != 256<<10 {
		t.Errorf("a long message: %v", err)
	}
	if a, err = c.Message(t.Context(), 3); err != nil || a.Message != nil {
		t.Errorf("%+v, %v", a, err)
	}
	if len(box.Messages()) != 2 {
		t.Error("reading has changed the mailbox")
	}
}

func TestListIsBounded(t *testing.T) {
	var msgs []sandbox.Message
	for i := range 600 {
		msgs = append(msgs, sandbox.Message{ID: i + 1, From: strings.Repeat("ä", 5000)})
	}
	list, left := inspect.List(msgs)
	if len(list) != 500 || left != 100 || list[0].ID != 101 || len(list[0].Text) > 1010 {
		t.Errorf("%d, %d, %d, %d", len(list), left, list[0].ID, len(list[0].Text))
	}
}

// TestWrongTokenGetsNoInformation sends requests without a valid token.
func TestWrongTokenGetsNoInformation(t *testing.T) {
	box, s, c := serve(t)
	send(t, box, "Subject: hidden\r\n\r\nhello\r\n")
	c.Address.Token = "ABCDEFGHIJ234566"
	if a, err := c.Messages(t.Context()); err == nil || !strings.Contains(err.Error(), "wrong token") {
		t.Errorf("%+v, %v", a, err)
	}
	for _, request := range []string{
		"\n", "GET / HTTP/1.1\r\n\r\n", "smtpsh-inspect\n",
		"smtpsh-inspect  messages\n", "smtpsh-inspect " + token[:15] + " messages\n",
		"smtpsh-inspect " + strings.ToLower(token) + " messages\n",
		"smtpsh-inspect " + token + " forget\n",
		"smtpsh-inspect " + token + " message -1\n",
		"smtpsh-inspect " + token + " message x\n", strings.Repeat("x", 1<<20),
		"EHLO me\r\n",
	} {
		conn, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{RootCAs: box.Roots(), ServerName: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(conn, request) //nolint:errcheck // the server may have left
		b, _ := io.ReadAll(conn)
		conn.Close()
		if bytes.Contains(b, []byte("hidden")) || bytes.Contains(b, []byte("secret")) || len(b) > 200 {
			t.Errorf("%.60q is answered %.200q", request, b)
		}
	}
	// without TLS the server sends nothing
	nc, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(nc, "smtpsh-inspect %s messages\n", token)
	if b, _ := io.ReadAll(nc); bytes.Contains(b, []byte("hidden")) || bytes.Contains(b, []byte("{")) {
		t.Errorf("unencrypted: %q", b)
	}
}

// TestLimitsConnectionsPerAddress opens more connections than one address may have. After
// they are closed, a new one is accepted.
func TestLimitsConnectionsPerAddress(t *testing.T) {
	_, s, c := serve(t)
	var held []net.Conn
	for range 40 {
		nc, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, nc)
	}
	last := held[len(held)-1]
	last.SetReadDeadline(time.Now().Add(5 * time.Second)) // shorter than the time limit of the server
	if _, err := last.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("the last one: %v", err)
	}
	for _, nc := range held {
		nc.Close()
	}
	for i := 0; ; i++ {
		if _, err := c.Accounts(t.Context()); err == nil {
			break
		} else if i == 1000 {
			t.Fatal(err)
		}
	}
	nc, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	s.Close() // closes all connections
	nc.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := nc.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("after the end: %v", err)
	}
}

// TestClientRejectsOtherServers connects to servers that are not a sandbox.
func TestClientRejectsOtherServers(t *testing.T) {
	ca, err := authority.New("test")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]string{
		"":                           "not from a sandbox",
		"220 mx ESMTP\r\n":           "not from a sandbox",
		`{"error": "no"}`:            "no",
		`{"messages": "x"}`:          "not from a sandbox",
		strings.Repeat("[", 3<<20):   "longer than",
		`{"messages":[{"id":1}]} {}`: "not from a sandbox",
	} {
		ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan string, 2)
		fakeserver.LoopOn(t, ln, func(nc net.Conn) {
			b := make([]byte, 512)
			n, _ := nc.Read(b)
			got <- string(b[:n])
			io.WriteString(nc, answer) //nolint:errcheck // the client may have left
		})
		c := inspect.Client{Address: inspect.Address{Token: token, Host: ln.Addr().String()}, Roots: ca.Pool()}
		if a, err := c.Messages(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %+v, %v", answer, a, err)
		}
		<-got
		// a server with an unknown CA does not get the token
		c.Roots = nil
		if _, err := c.Messages(t.Context()); err == nil {
			t.Error("not verified")
		}
		select {
		case b := <-got:
			if strings.Contains(b, token) {
				t.Error("the token was sent to an unverified server")
			}
		default:
		}
		ln.Close()
	}
	c := inspect.Client{Address: inspect.Address{Token: token, Host: "192.0.2.1:2600"}, Insecure: true}
	if _, err := c.Messages(t.Context()); err == nil || !strings.Contains(err.Error(), "not verified") {
		t.Errorf("%v", err)
	}
}

func TestParseAddress(t *testing.T) {
	for text, ok := range map[string]bool{
		token + "@lab.example:2600": true, token + "@[::1]:2600": true,
		inspect.NewToken() + "@192.0.2.1:1": true,
		"":                                  false, token: false, "lab.example:2600": false,
		token + "@lab.example": false, token + "@:2600": false,
		"@lab.example:2600": false, "x y@lab.example:2600": false,
		token + "@lab\x1b.example:1": false, token + "\n@h:1": false,
	} {
		a, err := inspect.ParseAddress(text)
		if (err == nil) != ok || ok && a.String() != text || err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%q: %+v, %v", text, a, err)
		}
	}
}
