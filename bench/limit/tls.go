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
	pem, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	for range n {
		if err := handshake(address, pool); err != nil {
			return err
		}
	}
	return nil
}

func handshake(address string, pool *x509.CertPool) error {
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
	if err := inside.say([]byte("EHLO client.test\r\n"), 1); err != nil {
		return err
	}
	return inside.say([]byte("QUIT\r\n"), 1)
}
