package dialer

import (
	"fmt"
	"strings"

	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
)

// noService returns an error that lists the existing services.
func noService(t Target, srv *sandbox.Server) error {
	var names []string
	for _, d := range srv.Profile().Services {
		names = append(names, d.Name)
	}
	return fmt.Errorf("sandbox:%s has no service %s; its services are %s", t.Profile, t.Service, strings.Join(names, ", "))
}

// Correspondents returns two accounts for mail at a target, "" for the default target: of
// the sandbox, or of a sandbox of this user on this machine. It returns nil for other
// servers.
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

// NearbyAt returns the record of the sandbox of this user that a target reaches, "" for the
// default target; nil for another server.
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
