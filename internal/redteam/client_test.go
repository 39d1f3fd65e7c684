package redteam_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// client sends anything.
type client struct {
	nc net.Conn
	r  *bufio.Reader
}

// patience is a limit against hanging, not a measurement.
const patience = 2 * time.Minute

// dial connects from a local address, "" for any, and reads the greeting.
func dial(ctx context.Context, addr, from string) (*client, error) {
	d := net.Dialer{Timeout: patience}
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	nc, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	nc.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // a closed connection returns an error later
	c := &client{nc, bufio.NewReader(nc)}
	greeting, err := c.reply()
	if err == nil && !strings.HasPrefix(greeting, "220") {
		err = errors.New(greeting)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return c, nil
}

// reply reads a whole reply and returns its last line.
func (c *client) reply() (string, error) {
	for {
		l, err := c.r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if len(l) < 4 || l[3] != '-' {
			return strings.TrimRight(l, "\r\n"), nil
		}
	}
}

// say sends commands, one at a time, and returns the last reply.
func (c *client) say(lines ...string) (r string, err error) {
	for _, l := range lines {
		if _, err = io.WriteString(c.nc, l+"\r\n"); err != nil {
			return "", err
		}
		if r, err = c.reply(); err != nil {
			return "", err
		}
	}
	return r, nil
}

// want is say with the expected code of the last reply.
func (c *client) want(code string, lines ...string) error {
	r, err := c.say(lines...)
	if err == nil && !strings.HasPrefix(r, code) {
		err = fmt.Errorf("%.60s: %s", lines[len(lines)-1], r)
	}
	return err
}

// secure starts TLS.
func (c *client) secure() error {
	if err := c.want("220", "EHLO attacker", "STARTTLS"); err != nil {
		return err
	}
	conn := tls.Client(c.nc, &tls.Config{InsecureSkipVerify: true}) // an attacker ignores errors
	if err := conn.Handshake(); err != nil {
		return err
	}
	c.nc, c.r = conn, bufio.NewReader(conn)
	return nil
}

// send sends a message and returns the reply to it.
func (c *client) send(text string) (string, error) {
	if err := c.want("354", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "DATA"); err != nil {
		return "", err
	}
	return c.say(strings.TrimSuffix(text, "\r\n") + "\r\n.")
}

// text returns n bytes of a message, in lines.
func text(size int) string { return strings.Repeat(strings.Repeat("x", 76)+"\r\n", size/78+1) }
