package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/internal/cli"
	"smtpsh/internal/sandbox"
)

// breaking is a way in which a network fails.
type breaking string

const (
	cut   breaking = "cut"   // both sides see the end
	reset breaking = "reset" // both sides see a reset
	stall breaking = "stall" // nothing more arrives, and neither side is notified
)

// proxy forwards to a server until a number of bytes went in one direction; then the
// network fails.
type proxy struct {
	ln    net.Listener
	to    string
	up    bool  // count the bytes of the client, else those of the server
	after int64 // bytes
	how   breaking
	moved [2]atomic.Int64 // up, down
	wg    sync.WaitGroup
	over  chan struct{} // ends stalled connections
}

func startProxy(t testing.TB, to string, up bool, after int64, how breaking) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{ln: ln, to: to, up: up, after: after, how: how, over: make(chan struct{})}
	p.wg.Go(func() {
		client, err := ln.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", to)
		if err != nil {
			client.Close()
			return
		}
		var once sync.Once
		end := func(how breaking) {
			once.Do(func() {
				if how == reset {
					client.(*net.TCPConn).SetLinger(0) //nolint:errcheck // the connection is closed in any case
					server.(*net.TCPConn).SetLinger(0) //nolint:errcheck // the connection is closed in any case
				}
				client.Close()
				server.Close()
			})
		}
		var pumps sync.WaitGroup
		pump := func(dst, src net.Conn, moved *atomic.Int64, counted bool) {
			buf := make([]byte, 4096)
			for {
				room := int64(len(buf))
				if counted && how != "" {
					room = min(room, after-moved.Load())
				}
				if room <= 0 {
					if how == stall {
						<-p.over
					}
					end(how)
					return
				}
				n, err := src.Read(buf[:room])
				if _, werr := dst.Write(buf[:n]); err != nil || werr != nil {
					end(cut)
					return
				}
				moved.Add(int64(n))
			}
		}
		pumps.Go(func() { pump(server, client, &p.moved[0], up) })
		pumps.Go(func() { pump(client, server, &p.moved[1], !up) })
		pumps.Wait()
		end(cut)
	})
	return p
}

func (p *proxy) stop() {
	close(p.over)
	p.ln.Close()
	p.wg.Wait()
}

// outcome is the result of a session as the client reports it.
const (
	accepted = "accepted"
	refused  = "refused"
	unknown  = "unknown"
	unsent   = "not sent"
)

// whole runs a complete session and returns what happened to its message.
func whole(ctx context.Context, addr, from string, srv *sandbox.Server, limit time.Duration) (string, error) {
	target, err := engine.ParseTarget(addr)
	if err != nil {
		return "", err
	}
	target.Implicit = false
	opts := engine.Options{Timeouts: engine.UniformTimeouts(limit)}
	opts.TLS.RootCAs, opts.TLS.ServerName = srv.Roots(), "sandbox.test"
	s, err := engine.Dial(ctx, target, opts)
	if err != nil {
		return unsent, err
	}
	defer s.Close()
	steps := []func() (*reply.Reply, error){
		func() (*reply.Reply, error) { return s.Ehlo(ctx, "client.test") },
		func() (*reply.Reply, error) { return s.StartTLS(ctx) },
		func() (*reply.Reply, error) { return s.Ehlo(ctx, "client.test") },
		func() (*reply.Reply, error) {
			return s.Auth(ctx,
				engine.AuthOptions{Mechanism: "PLAIN", Credentials: saslmech.Credentials{Username: "ann@sandbox.test", Password: "ann-secret"}})
		},
		func() (*reply.Reply, error) { return s.Mail(ctx, from) },
		func() (*reply.Reply, error) { return s.Rcpt(ctx, "bob@sandbox.test") },
		func() (*reply.Reply, error) { return s.Rcpt(ctx, "ann@sandbox.test") },
	}
	for _, step := range steps {
		r, err := step()
		if err != nil {
			return unsent, err
		}
		if !r.Completed() && r.Code != 220 {
			return refused, nil
		}
	}
	r, err := s.Data(ctx, strings.NewReader("Subject: "+from+"\r\n\r\n"+strings.Repeat("a line of the message\r\n", 10)+".dot\r\n"))
	var op *engine.OpError
	switch {
	case errors.As(err, &op) && op.Unknown:
		return unknown, err
	case err != nil:
		return unsent, err
	case !r.Completed():
		return refused, nil
	}
	s.Quit(ctx) //nolint:errcheck // the result of the message is known
	return accepted, nil
}

// bySend is whole by the command send.
func bySend(_ context.Context, addr, from string, srv *sandbox.Server, limit time.Duration) (string, error) {
	ca, err := caFile(srv)
	if err != nil {
		return unsent, err
	}
	text := "Subject: " + from + "\n\n" + strings.Repeat("a line of the message\n", 10) + ".dot\n"
	var errs bytes.Buffer
	status := cli.Main(cli.World{
		Args: []string{
			"send", "-", "--server", addr, "--sni", "sandbox.test", "--ca", ca, "--timeout", limit.String(), "--helo", "client.test",
			"--from", from, "--to", "bob@sandbox.test", "--to", "ann@sandbox.test", "--tls", "require",
			"--user", "ann@sandbox.test", "--mech", "plain",
			"--secret", "pass=@env:PASS", "--quiet",
		},
		Stdin: strings.NewReader(text), Stdout: io.Discard, Stderr: &errs,
		Getenv:   func(name string) string { return map[string]string{"PASS": "ann-secret"}[name] },
		Terminal: func(any) bool { return false },
	})
	switch status {
	case 0:
		return accepted, nil
	case 7, 8, 9:
		return refused, errors.New(errs.String())
	case 10:
		return unknown, errors.New(errs.String())
	}
	return unsent, errors.New(errs.String())
}

// caFile writes the CA of a server into a file, once.
func caFile(srv *sandbox.Server) (string, error) {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("battery-ca-%d.pem", os.Getpid()))
	caMu.Lock()
	defer caMu.Unlock()
	if caOf == srv {
		return path, nil
	}
	caOf = srv
	return path, os.WriteFile(path, srv.CA(), 0o600)
}

var (
	caMu sync.Mutex
	caOf *sandbox.Server
)

// A network fails after every byte, in each direction and in each way: every run ends, and
// its report about the message is true.
func TestNetworkFailsAfterEveryByte(t *testing.T) {
	failingNetwork(t, whole, 11)
}

// The same for the command send.
func TestNetworkFailsAfterEveryByteOfSend(t *testing.T) {
	failingNetwork(t, bySend, 29)
}

// client sends a message from an address to a server and returns what happened to it.
type client func(ctx context.Context, addr, from string, srv *sandbox.Server, limit time.Duration) (string, error)

// failingNetwork runs a client with a network that fails. Without BATTERY_FULL it fails only
// after every nth byte.
func failingNetwork(t *testing.T, client client, every int64) {
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	addr := srv.Addr("submission")
	p := startProxy(t, addr, true, 0, "")
	if got, err := client(t.Context(), p.ln.Addr().String(), "whole@example.org", srv, 20*time.Second); got != accepted {
		t.Fatalf("%s, %v", got, err)
	}
	p.stop()
	total := [2]int64{p.moved[0].Load(), p.moved[1].Load()}
	if total[0] < 1000 || total[1] < 1500 {
		t.Fatalf("only %v bytes in a whole session", total)
	}
	if os.Getenv("BATTERY_FULL") != "" {
		every = 1
	}
	if raceEnabled {
		every *= 9
	}
	type try struct {
		from string
		told string
		err  error
		at   string
	}
	var mu sync.Mutex
	var tries []try
	var workers sync.WaitGroup
	todo := make(chan func())
	for range 16 {
		workers.Go(func() {
			for f := range todo {
				f()
			}
		})
	}
	for dir, n := range total {
		for _, how := range []breaking{cut, reset, stall} {
			step := every
			if how == stall { // each takes the time of a wait
				step *= 3
			}
			for after := int64(1); after <= n; after += step {
				limit := 20 * time.Second
				if how == stall {
					limit = 150 * time.Millisecond
				}
				todo <- func() {
					at := fmt.Sprintf("%s after %d bytes, direction %d", how, after, dir)
					from := fmt.Sprintf("%s-%d-%d@example.org", how, dir, after)
					p := startProxy(t, addr, dir == 0, after, how)
					told, err := client(t.Context(), p.ln.Addr().String(), from, srv, limit)
					p.stop()
					mu.Lock()
					tries = append(tries, try{from, told, err, at})
					mu.Unlock()
				}
			}
		}
	}
	close(todo)
	workers.Wait()
	srv.Close() // waits until every connection has ended
	got := map[string]int{}
	for _, m := range srv.Messages() {
		got[m.From]++
	}
	counts := map[string]int{}
	for _, x := range tries {
		counts[x.told]++
		n := got[x.from]
		switch {
		case n > 1:
			t.Errorf("%s: the message arrived %d times", x.at, n)
		case x.told == accepted && n != 1:
			t.Errorf("%s: the client reports acceptance, but no message arrived", x.at)
		case (x.told == unsent || x.told == refused) && n != 0:
			t.Errorf("%s: the client reports %s (%v), but the message arrived", x.at, x.told, x.err)
		}
	}
	if len(tries) < 25 || counts[unsent] == 0 || every == 1 && (counts[accepted] == 0 || counts[unknown] == 0) {
		t.Errorf("%d tries: %v", len(tries), counts)
	}
	t.Logf("%d sessions, bytes %v, every %d: %v", len(tries), total, every, counts)
}
