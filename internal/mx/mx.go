package mx

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"smtpsh/internal/exit"
)

// maxHosts limits the hosts of a domain. Domains have a few; RFC 5321 section 5.1 asks for
// at least two attempts.
const maxHosts = 50

// Resolver finds MX records; *net.Resolver is one.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// Host is a host that accepts mail for a domain.
type Host struct {
	Name       string // in A-labels, without a dot at the end; an IP address for an address literal
	Preference uint16 // lower is better
	Implicit   bool   // the domain has no MX records, and this is the domain itself
}

// NullError reports a domain that accepts no mail (RFC 7505).
type NullError struct{ Domain string }

// Error names the domain.
func (e *NullError) Error() string {
	return fmt.Sprintf("%s accepts no mail: it has a null MX record (RFC 7505)", e.Domain)
}

// ExitStatus returns the status of a permanent rejection.
func (e *NullError) ExitStatus() int { return exit.Permanent }

// Hint returns what to do.
func (e *NullError) Hint() string { return "check the address; nobody can send mail to this domain" }

// LookupError reports that the hosts of a domain could not be found.
type LookupError struct {
	Domain string
	Err    error
}

// Error names the domain and the cause.
func (e *LookupError) Error() string { return fmt.Sprintf("MX records of %s: %v", e.Domain, e.Err) }

// Unwrap returns the cause.
func (e *LookupError) Unwrap() error { return e.Err }

// ExitStatus returns the status of a failed connection.
func (e *LookupError) ExitStatus() int { return exit.Dial }

// Hint returns what to do.
func (e *LookupError) Hint() string {
	return "check the domain and the name servers of this machine; --dns ADDR uses another name server"
}

// errNoName is the cause of names that are not valid in the DNS.
var errNoName = errors.New("it is not a domain name")

// Lookup returns the hosts of a domain, the best first; hosts with the same preference are in
// random order. An address literal such as [192.0.2.1] is its own host. Errors:
// [*NullError], and [*LookupError], also if the name server did not answer: then the domain
// may have MX records, and the domain itself must not be used.
func Lookup(ctx context.Context, r Resolver, domain string) ([]Host, error) {
	if literal, ok := strings.CutPrefix(domain, "["); ok {
		ip := net.ParseIP(strings.TrimPrefix(strings.TrimSuffix(literal, "]"), "IPv6:"))
		if ip == nil || !strings.HasSuffix(literal, "]") {
			return nil, &LookupError{domain, errors.New("it is not an address literal such as [192.0.2.1]")}
		}
		return []Host{{Name: ip.String(), Implicit: true}}, nil
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || name == "" || slices.ContainsFunc(strings.Split(name, "."), func(l string) bool { return l == "" || len(l) > 63 }) {
		return nil, &LookupError{domain, errNoName}
	}
	records, err := r.LookupMX(ctx, name+".") // the dot prevents the search list of this machine
	if len(records) == 0 && err != nil {
		var dns *net.DNSError
		if !errors.As(err, &dns) || !dns.IsNotFound {
			return nil, &LookupError{domain, cause(err)}
		}
		return []Host{{Name: name, Implicit: true}}, nil // no MX, or no such domain, which the address will show
	}
	var out []Host
	for _, m := range records {
		host := strings.TrimSuffix(m.Host, ".")
		if host == "" {
			if len(records) == 1 {
				return nil, &NullError{domain}
			}
			continue // RFC 7505 section 3: a null MX next to others has no meaning
		}
		out = append(out, Host{Name: host, Preference: m.Pref})
	}
	if len(out) == 0 {
		return nil, &LookupError{domain, errors.New("none of them has a valid host name")}
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	slices.SortStableFunc(out, func(a, b Host) int { return int(a.Preference) - int(b.Preference) })
	return out[:min(len(out), maxHosts)], nil
}

// cause returns the reason without the name, which the caller reports.
func cause(err error) error {
	var dns *net.DNSError
	switch {
	case !errors.As(err, &dns):
		return err
	case dns.IsTimeout:
		return errors.New("the name server did not answer in time")
	case strings.Contains(dns.Err, "connection refused"):
		return errors.New("the name server does not answer")
	}
	return errors.New("the name server reports: " + dns.Err)
}
