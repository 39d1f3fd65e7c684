package engine

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Default ports (RFC 6409, RFC 8314). RFC 2033 defines none for LMTP; IANA reserves 24.
const (
	PortSubmission  = 587
	PortSubmissions = 465
	PortLMTP        = 24
)

// Target is the server that a session connects to.
type Target struct {
	Network  string // "tcp", "unix" or "pipe"; "" for the connection of [New]
	Host     string // name in A-labels, or IP address without brackets
	Port     int    // 0 for unix
	Path     string // socket path for unix, command for pipe
	Implicit bool   // implicit TLS
	LMTP     bool   // LMTP instead of SMTP (RFC 2033)
	Name     string // name for texts, for the connection of [New]; "" for the address
}

// ParseTarget parses host, host:port, [v6]:port, a bare IPv6 address, smtp://, smtps://,
// lmtp://, unix:PATH and pipe:COMMAND, the last two also with the prefix lmtp+. The default
// port is 587; port 465 and smtps mean implicit TLS. The error names what is wrong and gives
// an example.
func ParseTarget(s string) (Target, error) {
	t := Target{Network: "tcp", Port: PortSubmission}
	if s == "" {
		return t, fmt.Errorf("the target is empty: want host, host:port, smtp://host, unix:PATH or pipe:COMMAND")
	}
	if t, ok, err := parsePipe(s); ok {
		return t, err
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }); i >= 0 {
		return t, fmt.Errorf("target %q has a space or control character", s)
	}
	scheme, rest, found := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "unix", "lmtp+unix":
		if found && rest != "" {
			return Target{Network: "unix", Path: strings.TrimPrefix(rest, "//"), LMTP: strings.HasPrefix(scheme, "lmtp")}, nil
		}
		return t, fmt.Errorf("target %q: the form is unix:PATH", s)
	case "smtp", "smtps", "lmtp", "submission", "submissions":
		if strings.HasPrefix(rest, "//") {
			return parseURL(s, strings.ToLower(scheme))
		}
	}
	if strings.Contains(s, "://") {
		return t, fmt.Errorf("target %q: the scheme must be smtp, smtps or lmtp", s)
	}
	return t.withHostPort(s, s)
}

// parsePipe parses pipe:COMMAND and lmtp+pipe:COMMAND; ok is false for other targets.
func parsePipe(s string) (t Target, ok bool, err error) {
	scheme, command, found := strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	if !found || scheme != "pipe" && scheme != "lmtp+pipe" {
		return t, false, nil
	}
	if strings.TrimSpace(command) == "" {
		return t, true, fmt.Errorf("target %q: the form is pipe:COMMAND", s)
	}
	if strings.ContainsFunc(command, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return t, true, fmt.Errorf("target %q has a control character", s)
	}
	return Target{Network: "pipe", Path: command, LMTP: scheme == "lmtp+pipe"}, true, nil
}

func parseURL(s, scheme string) (Target, error) {
	t := Target{Network: "tcp", Port: PortSubmission}
	u, err := url.Parse(s)
	if err != nil {
		return t, fmt.Errorf("target %q: %w", s, err)
	}
	switch scheme {
	case "smtps", "submissions":
		t.Port, t.Implicit = PortSubmissions, true
	case "lmtp":
		t.Port, t.LMTP = PortLMTP, true
		if u.Host == "" && u.Path != "" {
			return Target{Network: "unix", Path: u.Path, LMTP: true}, nil
		}
	}
	switch {
	case u.User != nil:
		return t, unfit("target", advise(AdviceCredentials), "a user name or password does not belong into the address")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return t, fmt.Errorf("target %q: nothing may follow the port", s)
	}
	implicit := t.Implicit
	t, err = t.withHostPort(u.Host, s)
	t.Implicit = t.Implicit || implicit
	return t, err
}

// withHostPort sets host and port from hp; whole is for the error text.
func (t Target) withHostPort(hp, whole string) (Target, error) {
	host, port := hp, ""
	switch {
	case strings.HasPrefix(hp, "["):
		end := strings.IndexByte(hp, ']')
		if end < 0 {
			return t, fmt.Errorf("target %q: the bracket is not closed", whole)
		}
		host = hp[1:end]
		if net.ParseIP(strings.Split(host, "%")[0]) == nil {
			return t, fmt.Errorf("target %q: %q is not an IPv6 address", whole, host)
		}
		if rest := hp[end+1:]; rest != "" {
			if rest[0] != ':' {
				return t, fmt.Errorf("target %q: a colon and a port must follow the bracket", whole)
			}
			port = rest[1:]
			if port == "" {
				return t, fmt.Errorf("target %q: the port is missing", whole)
			}
		}
	case strings.Count(hp, ":") == 1:
		host, port, _ = strings.Cut(hp, ":")
		if port == "" {
			return t, fmt.Errorf("target %q: the port is missing", whole)
		}
	case strings.Count(hp, ":") > 1 && net.ParseIP(hp) == nil:
		return t, fmt.Errorf("target %q is neither host:port nor an IPv6 address; write [address]:port", whole)
	}
	if host == "" {
		return t, fmt.Errorf("target %q: the host is missing", whole)
	}
	if port != "" {
		n, err := strconv.Atoi(port)
		switch {
		case err != nil && whole == hp && strings.Trim(host, "abcdefghijklmnopqrstuvwxyz") == "":
			return t, fmt.Errorf("target %q: port %q is not a number from 1 to 65535, and %q is no scheme: those are smtp, smtps, lmtp and unix",
				whole, port, host)
		case err != nil || n < 1 || n > 65535:
			return t, fmt.Errorf("target %q: port %q is not a number from 1 to 65535", whole, port)
		}
		t.Port = n
	}
	host, err := ASCIIHost(host)
	if err != nil {
		return t, fmt.Errorf("target %q: %w", whole, err)
	}
	if strings.Trim(host, "0123456789") == "" { // a name has a letter (RFC 1123 section 2.1)
		return t, fmt.Errorf("target %q: %s is a port without a host; write localhost:%s", whole, host, host)
	}
	t.Host = host
	t.Implicit = t.Port == PortSubmissions && !t.LMTP
	return t, nil
}

// Address returns the address to connect to: host:port, a socket path or a command.
func (t Target) Address() string {
	if t.Network == "unix" || t.Network == "pipe" {
		return t.Path
	}
	return net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
}

// String returns a form that ParseTarget accepts, or the name.
func (t Target) String() string {
	switch {
	case t.Name != "":
		return t.Name
	case t.Network == "unix" && t.LMTP:
		return "lmtp+unix:" + t.Path
	case t.Network == "unix":
		return "unix:" + t.Path
	case t.Network == "pipe" && t.LMTP:
		return "lmtp+pipe:" + t.Path
	case t.Network == "pipe":
		return "pipe:" + t.Path
	case t.LMTP:
		return "lmtp://" + t.Address()
	case t.Implicit && t.Port != PortSubmissions:
		return "smtps://" + t.Address()
	case !t.Implicit && t.Port == PortSubmissions:
		return "smtp://" + t.Address()
	}
	return t.Address()
}
