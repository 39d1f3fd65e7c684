package redteam_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// attack is what a client does to use up the memory of a server, until it is refused or
// reaches its limit. It returns what it leaves open, which stays open until the test ends.
type attack struct {
	name string
	run  func(ctx context.Context, addr, from string, share int) ([]*client, error)
}

// attacks try to use up the memory. share multiplies the size of each.
var attacks = []attack{
	{"envelopes without a body", func(ctx context.Context, addr, from string, share int) ([]*client, error) {
		c, err := dial(ctx, addr, from)
		if err != nil {
			return nil, err
		}
		defer c.nc.Close()
		if err := c.want("250", "EHLO attacker"); err != nil {
			return nil, err
		}
		rcpt := "RCPT TO:<bob@sandbox.test> ORCPT=rfc822;" + strings.Repeat("x", 400) + strings.Repeat(" ", 1000) + "\r\n"
		for range 12 * share {
			c.nc.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // a closed connection returns an error later
			if _, err := io.WriteString(c.nc, "MAIL FROM:<a@example.org>\r\n"+strings.Repeat(rcpt, 900)+"BDAT 0 LAST\r\nRSET\r\n"); err != nil {
				return nil, err
			}
			for range 903 {
				if _, err := c.reply(); err != nil {
					return nil, err
				}
			}
		}
		return nil, nil
	}},
	{"unfinished DATA", unfinished("DATA", "354")},
	{"unfinished BDAT", unfinished("BDAT 60000000", "")},
	{"unfinished envelopes", func(ctx context.Context, addr, from string, share int) (open []*client, err error) {
		for range 4 * share {
			c, err := dial(ctx, addr, from)
			if err != nil {
				return open, err
			}
			open = append(open, c)
			if err := c.want("250", "EHLO attacker", "MAIL FROM:<a@example.org>"); err != nil {
				return open, err
			}
			rcpt := "RCPT TO:<bob@sandbox.test> ORCPT=rfc822;" + strings.Repeat("x", 400) + strings.Repeat(" ", 10000) + "\r\n"
			for range 300 {
				if _, err := io.WriteString(c.nc, rcpt); err != nil {
					return open, err
				}
				if r, err := c.reply(); err != nil || !strings.HasPrefix(r, "250") {
					break
				}
			}
		}
		return open, nil
	}},
	{"long commands", func(ctx context.Context, addr, from string, share int) ([]*client, error) {
		c, err := dial(ctx, addr, from)
		if err != nil {
			return nil, err
		}
		noop := "NOOP " + strings.Repeat("x", 12000) + "\r\n"
		for range 60 * share {
			c.nc.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // a closed connection returns an error later
			if _, err := io.WriteString(c.nc, strings.Repeat(noop, 20)); err != nil {
				return []*client{c}, err
			}
			for range 20 {
				if _, err := c.reply(); err != nil {
					return []*client{c}, err
				}
			}
		}
		return []*client{c}, nil
	}},
	{"connections that wait", many(func(c *client) error {
		_, err := io.WriteString(c.nc, "EHLO attacker"+strings.Repeat(" ", 10000)+"\r\nNOOP "+strings.Repeat("x", 12000))
		return err
	})},
	{"connections with TLS that wait", many(func(c *client) error {
		if err := c.secure(); err != nil {
			return err
		}
		_, err := c.say("EHLO attacker")
		return err
	})},
	{"logins that wait", many(func(c *client) error {
		if err := c.secure(); err != nil {
			return err
		}
		_, err := c.say("EHLO attacker", "AUTH LOGIN", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("u", 9000))))
		return err
	})},
	{"small messages under way", many(func(c *client) error {
		if err := c.want("354", "EHLO attacker", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>", "DATA"); err != nil {
			return err
		}
		_, err := io.WriteString(c.nc, text(100_000))
		return err
	})},
	{"half handshakes", many(func(c *client) error {
		if err := c.want("220", "EHLO attacker", "STARTTLS"); err != nil {
			return err
		}
		record := append([]byte{22, 3, 1, 0x3f, 0xff}, make([]byte, 0x3fff)...)
		copy(record[5:], []byte{1, 0, 0xff, 0}) // a ClientHello of 65280 bytes, sent incompletely
		for range 3 {
			if _, err := c.nc.Write(record); err != nil {
				return err
			}
		}
		return nil
	})},
}

// unfinished begins messages of 60 million bytes and never ends them.
func unfinished(verb, consent string) func(context.Context, string, string, int) ([]*client, error) {
	return func(ctx context.Context, addr, from string, share int) (open []*client, err error) {
		part := []byte(text(1 << 20))
		for range (share + 1) / 2 {
			c, err := dial(ctx, addr, from)
			if err != nil {
				return open, err
			}
			open = append(open, c)
			if err := c.want("250", "EHLO attacker", "MAIL FROM:<a@example.org>", "RCPT TO:<bob@sandbox.test>"); err != nil {
				return open, err
			}
			if consent != "" {
				if err := c.want(consent, verb); err != nil {
					return open, err
				}
			} else if _, err := io.WriteString(c.nc, verb+"\r\n"); err != nil {
				return open, err
			}
			for range 55 {
				c.nc.SetDeadline(time.Now().Add(patience)) //nolint:errcheck // a closed connection returns an error later
				if _, err := c.nc.Write(part); err != nil {
					return open, err
				}
			}
		}
		return open, nil
	}
}

// many opens connections and does the same on each.
func many(each func(c *client) error) func(context.Context, string, string, int) ([]*client, error) {
	return func(ctx context.Context, addr, from string, share int) (open []*client, err error) {
		for range 75 * share {
			c, err := dial(ctx, addr, from)
			if err != nil {
				return open, err
			}
			open = append(open, c)
			if err := each(c); err != nil {
				return open, fmt.Errorf("connection %d: %w", len(open), err)
			}
		}
		return open, nil
	}
}

// refusal reports whether an error is the reaction of a server that defends itself: a
// rejection or the end of the connection.
func refusal(err error) bool {
	if err == nil {
		return true
	}
	var ne net.Error
	return !errors.As(err, &ne) || !ne.Timeout()
}
