package dialer

import (
	"errors"
	"fmt"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/advice"
)

// Target is where a session goes: a server that the engine reaches, or the built-in one.
type Target struct {
	engine.Target
	Profile string // of the built-in server; "" for others
	Service string // of the built-in server, such as "submission" or "mx"; "" for its first
}

// BuiltIn reports whether it is the built-in server.
func (t Target) BuiltIn() bool { return t.Profile != "" }

// defaultProfile is that of "sandbox:".
const defaultProfile = "gmail"

// ParseTarget reads what [engine.ParseTarget] reads, and for the built-in server
// sandbox:PROFILE and sandbox:PROFILE/SERVICE. Whether there is such a profile is not looked
// at. The error names what is wrong, and its hint how to write it.
func ParseTarget(s string) (Target, error) {
	t, err := parseTarget(s)
	return t, hinted(err)
}

// hinted gives an error about a target a hint, unless it has one.
func hinted(err error) error {
	if err == nil || len(advice.Of(err)) > 0 {
		return err
	}
	return advice.With(err, "write host:port, or sandbox:gmail")
}

func parseTarget(s string) (Target, error) {
	if s == "" {
		return Target{}, errors.New("the target is empty; expected host, host:port, smtp://host, unix:PATH or sandbox:gmail")
	}
	scheme, rest, _ := strings.Cut(s, ":")
	if !strings.EqualFold(scheme, "sandbox") {
		t, err := engine.ParseTarget(s)
		return Target{Target: t}, err
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return Target{}, fmt.Errorf("target %q has a space or control character", s)
	}
	profile, service, _ := strings.Cut(rest, "/")
	if profile == "" {
		profile = defaultProfile
	}
	switch service {
	case "", "submission", "submissions", "mx", "relay", "lmtp":
	case "587":
		service = "submission"
	case "465":
		service = "submissions"
	case "25":
		service = "mx"
	default:
		return Target{}, fmt.Errorf("target %q: the sandbox has the services submission (587), submissions (465), mx (25) and relay, not %q",
			s, service)
	}
	t := Target{Profile: profile, Service: service}
	t.Name = "sandbox:" + profile
	if service != "" {
		t.Name += "/" + service
	}
	t.Implicit, t.LMTP = service == "submissions", profile == "lmtp"
	return t, nil
}
