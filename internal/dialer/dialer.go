package dialer

import (
	"context"
	"errors"
	"net"
	"sync"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/advice"
	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
)

// Dialer opens sessions. Close stops the sandboxes that it has started.
type Dialer struct {
	// Target is the default target; "" means the sandbox.
	Target string
	// Options has the values of the flags. Each session gets a copy.
	Options engine.Options
	// Routes replace targets by others.
	Routes Routes
	// Nearby, if not nil, finds the sandboxes that this user runs on this machine. Their
	// CAs are trusted at their loopback addresses.
	Nearby *nearby.Finder

	mu        sync.Mutex
	sandboxes map[string]*sandbox.Server
}

// DefaultTarget is the target if none is given.
const DefaultTarget = "sandbox:" + defaultProfile

// Resolve returns name, or the default target if name is empty.
func (d *Dialer) Resolve(name string) string {
	switch {
	case name != "":
		return name
	case d.Target != "":
		return d.Target
	}
	return DefaultTarget
}

// Check returns an error for an invalid target, without connecting.
func (d *Dialer) Check(name string) error {
	target, err := ParseTarget(d.Resolve(name))
	if err == nil && target.BuiltIn() {
		_, err = sandbox.LookupProfile(target.Profile)
		err = hinted(err)
	}
	if err != nil {
		return &engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: err}
	}
	return nil
}

// Dial opens a session. change, if not nil, can change its options. Dial returns
// engine.ErrUsage for an invalid target.
func (d *Dialer) Dial(ctx context.Context, name string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	target, err := ParseTarget(d.Resolve(name))
	if err != nil {
		return nil, &engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: err}
	}
	opts := d.Options
	if to, ok := d.Routes.Find(target.Address()); ok {
		routed, err := ParseTarget(to)
		if err != nil {
			return nil, &engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: err}
		}
		if !routed.BuiltIn() {
			routed.Implicit = target.Implicit
			if opts.TLS.ServerName == "" {
				opts.TLS.ServerName = target.Host
			}
		}
		target = routed
	}
	var srv *sandbox.Server
	if target.BuiltIn() {
		if srv, err = d.Sandbox(target.Profile); err != nil {
			return nil, &engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: err}
		}
		service, ok := srv.ServiceInfo(target.Service)
		if !ok {
			return nil, &engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: noService(target, srv)}
		}
		target.Implicit = service.Implicit
	}
	if change != nil {
		change(&opts, &target.Target)
	}
	if srv == nil {
		if target.Network == "tcp" && opts.TLS.RootCAs == nil && opts.Proxy == nil { // --ca has precedence
			if r := d.Nearby.Find(target.Host, target.Port); r != nil {
				opts.TLS.RootCAs = r.Roots()
			}
		}
		return engine.Dial(ctx, target.Target, opts)
	}
	return dialSandbox(ctx, srv, target, opts)
}

// dialSandbox connects to a service of the sandbox. The CA of the sandbox is trusted in
// addition to those of the options.
func dialSandbox(ctx context.Context, srv *sandbox.Server, target Target, opts engine.Options) (*engine.Session, error) {
	if opts.Proxy != nil {
		return nil, &engine.OpError{Op: "connect to " + target.String(), Kind: engine.ErrUsage,
			Err: advice.With(errors.New("the built-in sandbox is in this program, and no proxy leads to it"),
				"name another server, or omit the proxy")}
	}
	if opts.Network == "tcp6" || opts.LocalAddr != "" {
		return nil, &engine.OpError{Op: "connect to " + target.String(), Kind: engine.ErrUsage,
			Err: errors.New("the sandbox is reachable at 127.0.0.1 only"), Advice: []engine.Advice{{Kind: engine.AdviceAnySource}}}
	}
	if opts.TLS.RootCAs == nil {
		opts.TLS.RootCAs = srv.Roots()
	} else {
		opts.TLS.RootCAs = opts.TLS.RootCAs.Clone()
		opts.TLS.RootCAs.AppendCertsFromPEM(srv.CA())
	}
	if service, _ := srv.ServiceInfo(target.Service); opts.TLS.ServerName == "" {
		opts.TLS.ServerName = service.Host
	}
	var nd net.Dialer
	addr := srv.Addr(target.Service)
	conn, err := nd.DialContext(ctx, "tcp", addr)
	if err != nil {
		if opts.Observer != nil {
			opts.Observer.Observe(&event.Event{Kind: event.DialFailed, Addr: addr, Err: err})
		}
		return nil, &engine.OpError{Op: "connect to " + target.String(), Kind: engine.ErrDial, Err: err}
	}
	return engine.New(ctx, conn, target.Target, opts)
}

// Sandbox returns the server of a profile. It starts the server at the first call.
func (d *Dialer) Sandbox(profile string) (*sandbox.Server, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sandboxes[profile]; s != nil {
		return s, nil
	}
	s, err := sandbox.Start(sandbox.Options{Profile: profile})
	if err != nil {
		return nil, err
	}
	if d.sandboxes == nil {
		d.sandboxes = map[string]*sandbox.Server{}
	}
	d.sandboxes[profile] = s
	return s, nil
}

// ServerOf returns the sandbox of a target, "" for the default target; nil if the target is
// another server.
func (d *Dialer) ServerOf(name string) (*sandbox.Server, error) {
	target, err := ParseTarget(d.Resolve(name))
	if err == nil && !target.BuiltIn() {
		return nil, nil
	}
	var srv *sandbox.Server
	if err == nil {
		srv, err = d.Sandbox(target.Profile)
	}
	if err != nil {
		return nil, &engine.OpError{Op: "connect", Kind: engine.ErrUsage, Err: err}
	}
	return srv, nil
}

// Started reports whether any sandbox runs in this process.
func (d *Dialer) Started() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sandboxes) > 0
}

// Running returns the sandbox of a profile if it has been started.
func (d *Dialer) Running(profile string) (*sandbox.Server, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.sandboxes[profile]
	return s, ok
}

// Fresh stops the sandbox of a target if it runs. The next one begins with an empty mailbox
// and without rules.
func (d *Dialer) Fresh(name string) {
	target, err := ParseTarget(d.Resolve(name))
	if err != nil || !target.BuiltIn() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sandboxes[target.Profile]; s != nil {
		s.Close()
		delete(d.sandboxes, target.Profile)
	}
}

// Close stops all sandboxes.
func (d *Dialer) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.sandboxes {
		s.Close()
	}
	d.sandboxes = nil
}

// Profiles returns the profiles of the sandbox, with a summary each.
func Profiles() (names, summaries []string) { return sandbox.ProfileNames() }
