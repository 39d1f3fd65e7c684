package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/internal/mx"
	"smtpsh/transcript"
)

// attempt is a host that was tried for a domain.
type attempt struct {
	host mx.Host
	err  error // why it was not used; nil for the one that was
}

// noHostError reports that no host of a domain could be used.
type noHostError struct {
	domain string
	tried  []attempt
}

// Error names the domain and each host with its failure.
func (e *noHostError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "no mail server of %s could be used", e.domain)
	for _, a := range e.tried {
		fmt.Fprintf(&b, "; %s: %v", a.host.Name, a.err)
	}
	return b.String()
}

// Unwrap returns the failure of the last host.
func (e *noHostError) Unwrap() error { return e.tried[len(e.tried)-1].err }

// ExitStatus returns the status of the last failure. A host that rejects every client does
// not reject the message.
func (e *noHostError) ExitStatus() int {
	if last := e.Unwrap(); !errors.Is(last, engine.ErrRefused) {
		return exitstatus.Of(last)
	}
	return exit.Dial
}

// toHosts sends the message to the mail servers of each domain, one domain after the other.
func (s *sending) toHosts(ctx context.Context) {
	var order []string
	of := map[string][]string{}
	for _, to := range s.mailing.recipients {
		domain := strings.ToLower(to[strings.LastIndexByte(to, '@')+1:])
		if of[domain] == nil {
			order = append(order, domain)
		}
		of[domain] = append(of[domain], to)
	}
	for i, domain := range order {
		if ctx.Err() != nil {
			return
		}
		d := &delivery{number: i + 1, domain: domain, rcpts: of[domain]}
		s.done = append(s.done, d)
		s.toDomain(ctx, d)
	}
}

// toDomain tries the hosts of a domain until one opens a session.
func (s *sending) toDomain(ctx context.Context, d *delivery) {
	hosts, err := mx.Lookup(ctx, s.conn.resolver(), d.domain)
	if err != nil {
		d.err = err
		return
	}
	s.note(described(d.domain, hosts))
	for i, h := range hosts {
		sess, err := s.open(ctx, "smtp://"+net.JoinHostPort(h.Name, "25"), d, 1)
		d.attempts = append(d.attempts, attempt{h, err})
		d.keep()
		switch {
		case err == nil && sess == nil: // --stop-after
			return
		case err == nil:
			s.transact(ctx, sess, d)
			d.keep()
			s.leave(ctx, sess, d)
			return
		case errors.Is(err, engine.ErrUsage) || errors.Is(err, engine.ErrCanceled) || ctx.Err() != nil:
			d.err = err
			return
		}
		if i+1 < len(hosts) {
			s.note(fmt.Sprintf("%s cannot be used; the next host is %s", h.Name, hosts[i+1].Name))
		}
	}
	d.err = &noHostError{d.domain, d.attempts}
}

// described lists the hosts of a domain.
func described(domain string, hosts []mx.Host) string {
	if strings.HasPrefix(domain, "[") {
		return "address literal: no MX records are used for " + transcript.Escape(domain)
	}
	if hosts[0].Implicit {
		return transcript.Escape(domain) + " has no MX records: its own address is used"
	}
	var names []string
	for _, h := range hosts {
		names = append(names, fmt.Sprintf("%d %s", h.Preference, h.Name))
	}
	return "MX records of " + transcript.Escape(domain) + ": " + transcript.Escape(strings.Join(names, ", "))
}
