package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"smtpsh/engine/event"
)

// attemptDelay is the time after which the next address is tried in parallel (RFC 8305
// section 5 recommends 250 ms).
const attemptDelay = 250 * time.Millisecond

type attempt struct {
	addr string
	conn net.Conn
	err  error
	took time.Duration
}

// dial connects to the target as browsers do (RFC 8305): it tries all addresses,
// alternating between the families and beginning with IPv6. Each attempt begins when the
// one before has failed or is slow. The first connection is used.
func (s *Session) dial(ctx context.Context) (net.Conn, error) {
	t := s.target
	switch {
	case t.Network == "pipe" && s.opts.Start == nil:
		return nil, usage("connect", "the target %s starts a program, which is not possible here", t)
	case t.Network != "tcp" && t.Network != "unix" && t.Network != "pipe":
		return nil, usage("connect", "network %q must be tcp, unix or pipe", t.Network)
	}
	until := time.Now().Add(s.opts.Timeouts.Connect)
	if end, ok := ctx.Deadline(); ok && end.Before(until) {
		until = end
	}
	defer s.noteWait("connection", until)()
	addrs, err := s.addresses(ctx)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 1 && (s.opts.DialContext == nil || s.proxied() || t.Network == "pipe") { // only one address: no parallel attempts
		return s.dialOnly(ctx, addrs[0])
	}
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan attempt)
	var running sync.WaitGroup
	defer func() { // close the other connections
		cancel()
		go func() { running.Wait(); close(results) }()
		go func() { // a dialer that ignores its context must not block
			for r := range results {
				if r.conn != nil {
					r.conn.Close()
				}
			}
		}()
	}()
	var failures []error
	next, pending := 0, 0
	start := func() {
		addr := addrs[next]
		next++
		pending++
		s.emit(event.Event{Kind: event.Dialing, Addr: addr})
		running.Add(1)
		go func() {
			defer running.Done()
			begun := time.Now()
			conn, err := s.dialOne(ctx, addr)
			results <- attempt{addr, conn, err, time.Since(begun)}
		}()
	}
	start()
	timer := time.NewTimer(attemptDelay)
	defer timer.Stop()
	for {
		select {
		case r := <-results:
			pending--
			if r.err == nil {
				s.emit(event.Event{Kind: event.Connected, Addr: r.addr, Target: t.String(), Text: r.conn.LocalAddr().String(), Took: r.took})
				return r.conn, nil
			}
			s.emit(event.Event{Kind: event.DialFailed, Addr: r.addr, Err: r.err, Took: r.took})
			failures = append(failures, dialFailure(r.addr, r.err))
			if next < len(addrs) {
				start()
				timer.Reset(attemptDelay)
			} else if pending == 0 {
				return nil, dialError(outer, t, failures)
			}
		case <-outer.Done():
			return nil, dialError(outer, t, append(failures, dialFailure("no address answered", outer.Err())))
		case <-timer.C:
			if next < len(addrs) {
				start()
				timer.Reset(attemptDelay)
			}
		}
	}
}

// dialOnly connects to the only address.
func (s *Session) dialOnly(ctx context.Context, addr string) (net.Conn, error) {
	s.emit(event.Event{Kind: event.Dialing, Addr: addr})
	begun := time.Now()
	conn, err := s.dialOne(ctx, addr)
	took := time.Since(begun)
	if err == nil {
		s.emit(event.Event{Kind: event.Connected, Addr: addr, Target: s.target.String(), Text: conn.LocalAddr().String(), Took: took})
		if s.proxied() {
			s.emit(event.Event{Kind: event.Note, Text: "through the proxy " + s.opts.Proxy.String()})
		}
		return conn, nil
	}
	s.emit(event.Event{Kind: event.DialFailed, Addr: addr, Err: err, Took: took})
	if s.proxied() {
		return nil, proxyFailure(ctx, s.target, err)
	}
	return nil, dialError(ctx, s.target, []error{dialFailure(addr, err)})
}

// proxied reports whether a proxy makes the connection.
func (s *Session) proxied() bool { return s.opts.Proxy != nil && s.target.Network == "tcp" }

func (s *Session) dialOne(ctx context.Context, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.Timeouts.Connect)
	defer cancel()
	network := s.target.Network
	if network == "pipe" {
		return s.opts.Start(ctx, addr)
	}
	if s.proxied() {
		return s.opts.Proxy.DialContext(ctx, network, addr)
	}
	if s.opts.DialContext != nil {
		return s.opts.DialContext(ctx, network, addr)
	}
	d := net.Dialer{Control: s.opts.Control}
	if local := s.opts.LocalAddr; local != "" && network == "tcp" {
		if _, _, err := net.SplitHostPort(local); err != nil {
			local = net.JoinHostPort(strings.Trim(local, "[]"), "0")
		}
		a, err := net.ResolveTCPAddr("tcp", local)
		if err != nil {
			return nil, fmt.Errorf("source address %s: %w", s.opts.LocalAddr, err)
		}
		d.LocalAddr = a
	}
	return d.DialContext(ctx, network, addr)
}

// addresses resolves the target and sorts the addresses, alternating between the families.
func (s *Session) addresses(ctx context.Context) ([]string, error) {
	t := s.target
	if t.Network != "tcp" {
		return []string{t.Path}, nil
	}
	if s.proxied() {
		return []string{net.JoinHostPort(t.Host, strconv.Itoa(t.Port))}, nil
	}
	family := map[string]string{"": "ip", "tcp": "ip", "tcp4": "ip4", "tcp6": "ip6"}[s.opts.Network]
	if family == "" {
		return nil, usage("connect", "address family %q must be tcp4 or tcp6", s.opts.Network)
	}
	var ips []netip.Addr
	if ip, err := netip.ParseAddr(t.Host); err == nil {
		ips = []netip.Addr{ip}
	} else {
		var r Resolver = net.DefaultResolver
		if s.opts.Resolver != nil {
			r = s.opts.Resolver
		}
		ctx, cancel := context.WithTimeout(ctx, s.opts.Timeouts.Connect)
		defer cancel()
		ips, err = r.LookupNetIP(ctx, family, t.Host)
		if err != nil {
			e := &OpError{Op: "connect to " + t.String(), Kind: ErrDial, Err: lookupFailure(t.Host, err), Advice: advise(AdviceHostName)}
			s.emit(event.Event{Kind: event.DialFailed, Addr: t.Host, Err: e.Err})
			return nil, e
		}
	}
	var v4, v6 []string
	for _, ip := range ips {
		a := net.JoinHostPort(ip.Unmap().String(), strconv.Itoa(t.Port))
		if ip.Unmap().Is4() && family != "ip6" {
			v4 = append(v4, a)
		} else if !ip.Unmap().Is4() && family != "ip4" {
			v6 = append(v6, a)
		}
	}
	var out []string
	for i := 0; i < max(len(v4), len(v6)); i++ {
		if i < len(v6) {
			out = append(out, v6[i])
		}
		if i < len(v4) {
			out = append(out, v4[i])
		}
	}
	if len(out) == 0 {
		return nil, &OpError{Op: "connect to " + t.String(), Kind: ErrDial, Advice: advise(AdviceAnyFamily),
			Err: fmt.Errorf("%s has no address of the requested family", t.Host)}
	}
	return out, nil
}

func lookupFailure(host string, err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		switch {
		case dns.IsNotFound:
			return fmt.Errorf("no address found for %s", host)
		case dns.IsTimeout:
			return fmt.Errorf("the name server did not answer when asked for %s", host)
		}
	}
	return fmt.Errorf("cannot resolve %s: %w", host, err)
}

// dialFailure returns the cause without the prefix of package net, which repeats the
// address.
func dialFailure(addr string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	failed := &addrError{addr: addr, msg: err.Error(), err: err}
	var sys *os.SyscallError
	if errors.As(err, &sys) && strings.HasPrefix(sys.Syscall, "connect") {
		failed.msg = sys.Err.Error()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), isNetTimeout(err):
		failed.msg, failed.late = "no answer in time", true
	case errors.Is(err, context.Canceled):
		failed.msg = "canceled"
	}
	return failed
}

// addrError is the error of an attempt for one address.
type addrError struct {
	addr, msg string
	err       error
	late      bool // no connection within the time limit
}

func (e *addrError) Error() string {
	if e.addr == "" {
		return e.msg
	}
	return e.addr + ": " + e.msg
}

func (e *addrError) Unwrap() error { return e.err }

func dialError(ctx context.Context, t Target, failures []error) error {
	e := &OpError{Op: "connect to " + t.String(), Kind: ErrDial, Err: joined(failures)}
	if one, ok := failures[0].(*addrError); ok && len(failures) == 1 && one.addr == t.Address() {
		e.Err = &addrError{msg: one.msg, err: one.err, late: one.late} // the address is already at the beginning
	}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		e.Kind, e.Err = ErrCanceled, nil
		return e
	}
	switch {
	case refuses(e.Err):
		e.Advice = advise(AdviceServerRuns)
	case errors.Is(e.Err, syscall.EADDRNOTAVAIL): // of the local side
		e.Advice = advise(AdviceAnySource)
	case slices.ContainsFunc(failures, late):
		e.Advice = advise(AdviceFirewall)
	case errors.Is(e.Err, fs.ErrNotExist):
		e.Advice = advise(AdviceSocketPath)
	}
	return e
}

// proxyFailure returns the error of a connection that a proxy did not make.
func proxyFailure(ctx context.Context, t Target, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return dialError(ctx, t, []error{err})
	}
	return &OpError{Op: "connect to " + t.String(), Kind: ErrDial, Err: err, Advice: advise(AdviceProxy)}
}

// refuses reports whether the system at an address answered that no server listens there.
func refuses(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, winConnRefused)
}

// winConnRefused is ECONNREFUSED on Windows (WSAECONNREFUSED). Package syscall has another
// number for it there.
const winConnRefused = syscall.Errno(10061)

// late reports whether an attempt reached its time limit.
func late(err error) bool {
	var a *addrError
	return errors.As(err, &a) && a.late
}

type joined []error

func (j joined) Error() string {
	parts := make([]string, len(j))
	for i, e := range j {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

func (j joined) Unwrap() []error { return j }
