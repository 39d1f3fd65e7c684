package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"os"
	"strconv"
)

// handshakes makes connections that start TLS and quit: limit ADDRESS tls CA TIMES.
func handshakes(address, ca, times string) error {
	pool, err := authorities(ca)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	for range n {
		if err := inTLS(address, pool, "EHLO client.test\r\n", "QUIT\r\n"); err != nil {
			return err
		}
	}
	return nil
}

func authorities(ca string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return pool, nil
}

// login sends a message after STARTTLS and AUTH PLAIN: limit ADDRESS login CA.
func login(address, ca string) error {
	pool, err := authorities(ca)
	if err != nil {
		return err
	}
	return inTLS(address, pool, "EHLO client.test\r\n", "AUTH PLAIN AGFubkBzYW5kYm94LnRlc3QAYW5uLXNlY3JldA==\r\n",
		"MAIL FROM:<ann@sandbox.test>\r\n", "RCPT TO:<bob@sandbox.test>\r\n", "DATA\r\n", "Subject: hello\r\n\r\nhello\r\n.\r\n", "QUIT\r\n")
}

// inTLS starts TLS and sends commands, each after the reply to the one before.
func inTLS(address string, pool *x509.CertPool, commands ...string) error {
	c, err := open(address)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.say([]byte("STARTTLS\r\n"), 1); err != nil {
		return err
	}
	t := tls.Client(c.Conn, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"})
	if err := t.Handshake(); err != nil {
		return err
	}
	inside := &client{t, bufio.NewReader(t)}
	for _, line := range commands {
		if err := inside.say([]byte(line), 1); err != nil {
			return err
		}
	}
	return nil
}
