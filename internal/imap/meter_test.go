package imap

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/authority"
)

// A server that sends without end is disconnected, whatever it sends.
func TestFloodingServerIsDisconnected(t *testing.T) {
	ca, err := authority.New("mailbox test")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(authority.Leaf{Names: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	endless := strings.Repeat("a", 64<<10)
	for name, answers := range map[string][]string{
		"greeting":     {"* OK " + endless},
		"capabilities": {"* OK hi\r\n", "* CAPABILITY " + endless},
		"login":        {"* OK [CAPABILITY IMAP4rev1] hi\r\n", "* OK " + endless},
		"literal bomb": {
			"* OK [CAPABILITY IMAP4rev1] hi\r\n", "$ OK [CAPABILITY IMAP4rev1] in\r\n",
			"* 1 EXISTS\r\n$ OK done\r\n", "* SEARCH 1\r\n$ OK done\r\n",
			"* 1 FETCH (UID 1 RFC822.SIZE 100)\r\n$ OK done\r\n",
			"* 1 FETCH (UID 1 BODY[] {3000000000}\r\n" + endless,
		},
		"endless sizes": {
			"* OK [CAPABILITY IMAP4rev1] hi\r\n", "$ OK [CAPABILITY IMAP4rev1] in\r\n",
			"* 1 EXISTS\r\n$ OK done\r\n", "* SEARCH " + strings.Repeat("1 2 ", 16<<10),
		},
	} {
		t.Run(name, func(t *testing.T) {
			ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			go bomb(ln, answers)
			b, err := Open(t.Context(), Options{Target: "imaps://" + ln.Addr().String(), User: "ann", Password: "x", TLS: engine.TLSOptions{RootCAs: ca.Pool()}, Timeout: 20 * time.Second})
			if err == nil {
				defer b.Close()
				_, err = b.Fetch(t.Context(), Query{})
			}
			var flood *FloodError
			if !errors.As(err, &flood) || flood.Limit > 4<<20 {
				t.Fatalf("got %v", err)
			}
		})
	}
}

// bomb sends the answers in turn, the last one without end. It replaces "$" by the tag.
func bomb(ln net.Listener, answers []string) {
	c, err := ln.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	r := bufio.NewReader(c)
	for i, a := range answers {
		if i > 0 {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			tag, _, _ := strings.Cut(line, " ")
			a = strings.ReplaceAll(a, "$", tag)
		}
		if _, err := io.WriteString(c, a); err != nil {
			return
		}
	}
	last := answers[len(answers)-1]
	last = last[max(0, len(last)-(64<<10)):]
	for {
		if _, err := io.WriteString(c, last); err != nil {
			return
		}
	}
}
