package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialer"
)

// consent decides which hosts a load may contact: hosts that the user named, and public
// hosts only if the user confirmed each of them.
type consent struct {
	hosts  []string
	agreed []string
	routes dialer.Routes // of --connect-to: HOST:PORT and the target that replaces it
}

// resolveTime limits the lookup before a load. Sessions report what was not found in this
// time.
const resolveTime = 10 * time.Second

// newConsent reads the flags. It returns an error for a public host before any host is
// contacted.
func (a *app) newConsent(ctx context.Context, f *loadFlags) (*consent, error) {
	c := &consent{routes: a.conn.dialer.Routes}
	named := append([]string{a.conn.dialer.Target}, f.also...)
	for _, to := range c.routes {
		named = append(named, to)
	}
	for _, n := range named {
		if n == "" {
			continue
		}
		t, err := dialer.ParseTarget(n)
		if err != nil {
			return nil, &usageError{err: fmt.Errorf("--also: %w", err), hint: "name a host, for example --also mx2.example.org"}
		}
		if _, routed := c.routes.Find(t.Address()); !t.BuiltIn() && !routed {
			c.hosts = append(c.hosts, hostKey(t))
		}
	}
	for _, h := range f.agree {
		h = dialer.FoldHost(h)
		if !slices.Contains(c.hosts, h) {
			return nil, &usageError{
				err:  fmt.Errorf("--yes-i-may-load: this run does not contact %s", h),
				hint: "name a host of --server or --also: " + orNone(c.hosts),
			}
		}
		c.agreed = append(c.agreed, h)
	}
	for _, h := range c.hosts {
		if strings.HasPrefix(h, "/") || strings.HasPrefix(h, pipePrefix) { // on this machine
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, resolveTime)
		ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", h)
		cancel()
		if err != nil {
			continue
		}
		for _, ip := range ips {
			if err := c.permit(h, ip); err != nil {
				return nil, &usageError{err: err, hint: consentHint(h)}
			}
		}
	}
	return c, nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// pipePrefix is the beginning of the key of a program.
const pipePrefix = "pipe:"

// hostKey returns the host of a target, its socket, or pipe: and its command.
func hostKey(t dialer.Target) string {
	switch t.Network {
	case "unix":
		return t.Path
	case "pipe":
		return pipePrefix + t.Path
	}
	return dialer.FoldHost(t.Host)
}

func consentHint(host string) string {
	return "a load can look like an attack; if you run the server or have permission: --yes-i-may-load " + host
}

// permit returns an error for a public address of a host that the user did not confirm.
func (c *consent) permit(host string, ip netip.Addr) error {
	//mutant:a-public-host-wants-the-users-word never
	if public(ip) && !slices.Contains(c.agreed, dialer.FoldHost(host)) {
		if ip = ip.Unmap(); ip.String() == host {
			return fmt.Errorf("%s is a public address", host)
		}
		return fmt.Errorf("%s is a public host, at %s", host, ip)
	}
	return nil
}

// notPublic are address blocks that are reachable only in a local network, in addition to
// those that netip knows: shared address space (RFC 6598) and benchmarks (RFC 2544).
var notPublic = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("198.18.0.0/15")}

// public reports whether an address is a public address of the internet.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(ip) })
}

var errUnnamed = errors.New("load contacts only hosts of --server and --also")

// named returns an error for a target that the user did not name.
func (c *consent) named(target string) error {
	t, err := dialer.ParseTarget(target)
	//mutant:a-load-contacts-only-whom-the-user-named is "slices.Contains(c.hosts, hostKey(t))" "true"
	if err != nil || t.BuiltIn() || slices.Contains(c.hosts, hostKey(t)) {
		return nil // the caller reports an invalid target
	}
	if _, routed := c.routes.Find(t.Address()); routed {
		return nil
	}
	return advice.With(&engine.OpError{Op: "connect to " + target, Kind: engine.ErrUsage, Err: errUnnamed},
		"--server "+target+", or --also "+t.Host)
}

// control checks each address before the connection, because a name can resolve to another
// address than before.
func (c *consent) control(host string) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return nil // a unix socket
		}
		if err := c.permit(host, ap.Addr()); err != nil {
			return advice.With(&engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: err}, consentHint(host))
		}
		return nil
	}
}

// dial connects for tasks that are not SMTP sessions, such as reading a mailbox.
func (c *consent) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if to, ok := c.routes.Find(address); ok {
		address = to
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host = dialer.FoldHost(host); !slices.Contains(c.hosts, host) {
		return nil, advice.With(&engine.OpError{Op: "connect to " + address, Kind: engine.ErrUsage, Err: errUnnamed}, "--also "+host)
	}
	return (&net.Dialer{Control: c.control(host)}).DialContext(ctx, network, address)
}

// targets returns some of the targets that sessions connected to.
type targets struct {
	mu    sync.Mutex
	names []string
}

const maxTargets = 5

func (t *targets) add(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.names) < maxTargets && !slices.Contains(t.names, name) {
		t.names = append(t.names, name)
	}
}

func (t *targets) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.names) == 0 {
		return "no server"
	}
	return strings.Join(t.names, ", ")
}
