package dialer

import (
	"errors"
	"fmt"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/advice"
)

// Target is the server of a session: one that the engine connects to, or the sandbox.
type Target struct {
	engine.Target
	Profile string // of the sandbox; "" for other servers
	Service string // of the sandbox, such as "submission" or "mx"; "" for its first
}

// BuiltIn reports whether the target is the sandbox.
func (t Target) BuiltIn() bool { return t.Profile != "" }

// defaultProfile is the profile of "sandbox:".
const defaultProfile = "gmail"

// ParseTarget parses what [engine.ParseTarget] parses, and sandbox:PROFILE and
// sandbox:PROFILE/SERVICE. It does not check whether the profile exists. The error has a
// hint.
func ParseTarget(s string) (Target, error) {
	t, err := parseTarget(s)
	return t, hinted(err)
}

// hinted adds a hint to an error about a target that has none.
func hinted(err error) error {
	if err == nil || len(advice.Of(err)) > 0 {
		return err
	}
	return advice.With(err, "write host:port, or a sandbox such as sandbox:gmail or sandbox:plain+open-relay")
}

func parseTarget(s string) (Target, error) {
	if s == "" {
		return Target{}, errors.New("the target is empty; expected host, host:port, smtp://host, unix:PATH, pipe:COMMAND or sandbox:gmail")
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
