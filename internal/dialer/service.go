package dialer

import (
	"fmt"
	"strings"

	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
)

// noService names the services that there are.
func noService(t Target, srv *sandbox.Server) error {
	var names []string
	for _, d := range srv.Profile().Services {
		names = append(names, d.Name)
	}
	return fmt.Errorf("sandbox:%s has no service %s; its services are %s", t.Profile, t.Service, strings.Join(names, ", "))
}

// Correspondents names two people who may write to each other at a target, "" for the
// default one: of the built-in server, or of a sandbox of this user on this machine. It
// returns nil for other servers.
func (d *Dialer) Correspondents(name string) *sandbox.Correspondents {
	target, err := ParseTarget(d.Resolve(name))
	if err != nil {
		return nil
	}
	if to, ok := d.Routes.Find(target.Address()); ok {
		if target, err = ParseTarget(to); err != nil {
			return nil
		}
	}
	if target.BuiltIn() {
		p, err := sandbox.LookupProfile(target.Profile)
		if err != nil {
			return nil
		}
		c := p.Correspondents(target.Service)
		return &c
	}
	r := d.NearbyAt(name)
	if r == nil {
		return nil
	}
	return &sandbox.Correspondents{From: r.From, To: r.To, User: r.User, Password: r.Password, Login: r.Requires(target.Host, target.Port)}
}

// NearbyAt returns what is known of the sandbox of this user that a target reaches, ""
// for the default one; nil when it reaches another server.
func (d *Dialer) NearbyAt(name string) *nearby.Record {
	target, err := ParseTarget(d.Resolve(name))
	if err != nil || d.Nearby == nil {
		return nil
	}
	if to, ok := d.Routes.Find(target.Address()); ok {
		if target, err = ParseTarget(to); err != nil {
			return nil
		}
	}
	if target.Network != "tcp" {
		return nil
	}
	return d.Nearby.Find(target.Host, target.Port)
}
