package sandbox

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
	"smtpsh/engine/verb"
	"smtpsh/internal/lazyregexp"
)

// Rule changes how a server answers certain commands: its action replaces the normal
// reply or is added to it.
type Rule struct {
	// On is a verb, or one of [Moments]; "*" applies to every command.
	On string
	// Match, if not empty, must be part of the argument. Case is ignored.
	Match string
	// Nth, if not 0, limits the rule to the nth matching command, counted from 1.
	Nth int
	// Times limits how often the rule applies; 0 means no limit.
	Times int
	// Session, if not 0, limits the rule to the session with this number.
	Session int
	// Service, if not empty, limits the rule to one service.
	Service string
	// Per selects the counter for Nth, Times and Sequence: one for the "server" (the
	// default), for each "session", or for each "argument".
	Per string
	// Sequence has the actions for the first, the second and further times. The last
	// action repeats.
	Sequence []Action
	// Decide, if not nil, chooses the action instead of Sequence. If it returns nil, the
	// command is handled normally. It runs in the connection's goroutine.
	Decide func(c Command) *Action
}

// Moments are the values of Rule.On that are not verbs.
var Moments = []string{"CONNECT", "TLS", "MESSAGE", "RESPONSE", "*"}

// Occasions returns the values of Rule.On: the moments and all verbs.
func Occasions() []string {
	out := slices.Clone(Moments)
	for _, v := range verb.Verbs() {
		out = append(out, v.Name)
	}
	return out
}

// KnownOccasion reports whether Rule.On can have a value: a verb, a moment, or a private
// verb, which begins with X (RFC 5321 section 4.1.5). Case is ignored.
func KnownOccasion(on string) bool {
	_, known := verb.Lookup(on)
	return known || slices.Contains(Moments, strings.ToUpper(on)) || len(on) > 1 && strings.EqualFold(on[:1], "X")
}

// UnknownVerbError reports a rule for an unknown verb. Such a rule would never apply.
type UnknownVerbError struct{ Verb string }

// Error returns a text with the verb.
func (e *UnknownVerbError) Error() string {
	return fmt.Sprintf("%s is not an SMTP verb or one of %s", e.Verb, strings.Join(Moments, " "))
}

// Action is what a rule does, in the order of the fields.
type Action struct {
	Delay   time.Duration // wait before the rest
	Drop    string        // close the connection "before" the reply, after "half" of it, or "after" it
	Reset   bool          // Drop uses a TCP reset
	Reply   string        // the reply, lines joined by LF; "" is the normal reply
	Raw     []byte        // exact bytes instead of a reply
	With    []string      // lines added to an EHLO reply
	Without []string      // keywords removed from an EHLO reply
	Drip    time.Duration // wait between the bytes of the reply
	Stall   time.Duration // wait after the reply before the next read
	Cert    string        // with TLS: a kind of [CertKinds]
	CutTLS  bool          // with TLS: close the connection during the handshake
}

// replyForm matches a reply of one or more lines.
var replyForm = lazyregexp.New(`^[0-9]{3}([ -][^\r\x00]*)?$`)

// Check returns an error if a rule is invalid.
func (r *Rule) Check() error {
	switch r.Per {
	case "", "server", "session", "argument":
	default:
		return fmt.Errorf("per: %q is not server, session or argument", r.Per)
	}
	if r.On == "" || strings.ContainsAny(r.On, " \t\r\n") {
		return fmt.Errorf("a rule requires a verb or one of %s", strings.Join(Moments, " "))
	}
	if !KnownOccasion(r.On) {
		return &UnknownVerbError{r.On}
	}
	if r.Nth < 0 || r.Times < 0 || r.Session < 0 {
		return errors.New("nth, times and session must not be negative")
	}
	for _, a := range r.Sequence {
		switch a.Drop {
		case "", "before", "half", "after":
		default:
			return fmt.Errorf("drop: %q is not before, half or after", a.Drop)
		}
		if a.Cert != "" && !slices.Contains(CertKinds, a.Cert) {
			return fmt.Errorf("cert: %q is not one of %s", a.Cert, strings.Join(CertKinds, " "))
		}
		if a.Reply != "" && !replyForm().MatchString(a.Reply) {
			return fmt.Errorf("%q is not a reply: a reply begins with three digits (use raw to send other bytes)", a.Reply)
		}
		if (a.Cert != "" || a.CutTLS) && !strings.EqualFold(r.On, "TLS") {
			return fmt.Errorf("cert and cut_tls require a rule for TLS, not %s", r.On)
		}
		if len(a.With)+len(a.Without) > 0 && !strings.EqualFold(r.On, "EHLO") && !strings.EqualFold(r.On, "LHLO") {
			return fmt.Errorf("with and without require a rule for EHLO or LHLO, not %s", r.On)
		}
	}
	return nil
}

// NoServiceError reports a rule for a service that the profile does not have.
type NoServiceError struct{ Profile, Service string }

// Error returns a text with the profile and the service.
func (e *NoServiceError) Error() string {
	return fmt.Sprintf("profile %s has no service %s", e.Profile, e.Service)
}

// ruleState is a rule with its counts.
type ruleState struct {
	Rule
	counts map[string]int
	taken  int64 // bytes of memory for the counts
	off    bool  // the rule has been removed
}

// On adds a rule. The first rule that applies is used, in the order in which they were
// added. On returns an error if the rule is invalid or its service does not exist.
func (s *Server) On(r Rule) error {
	if err := r.Check(); err != nil {
		return err
	}
	if _, ok := s.profile.service(r.Service); !ok {
		return &NoServiceError{Profile: s.profile.Name, Service: r.Service}
	}
	r.On = strings.ToUpper(r.On)
	s.ruleMu.Lock()
	defer s.ruleMu.Unlock()
	var all []*ruleState
	if now := s.rules.Load(); now != nil {
		all = slices.Clone(*now)
	}
	all = append(all, &ruleState{Rule: r, counts: map[string]int{}})
	s.rules.Store(&all)
	return nil
}

// Off removes all rules.
func (s *Server) Off() {
	s.ruleMu.Lock()
	defer s.ruleMu.Unlock()
	now := s.rules.Swap(nil)
	if now == nil {
		return
	}
	for _, r := range *now {
		s.memory.give(r.taken)
		r.taken, r.off = 0, true
	}
}

// rule returns the action for a command or a moment, or nil for none.
func (c *conn) rule(on, arg string) *Action {
	s := c.srv
	rules := s.rules.Load()
	if rules == nil { // Without rules, connections share no lock.
		return nil
	}
	s.ruleMu.Lock()
	var found *ruleState
	turn := 0
	for _, r := range *rules { // Every matching rule counts, also after another one is chosen.
		if n, ok := r.applies(c, on, arg); ok && found == nil {
			found, turn = r, n
		}
	}
	s.ruleMu.Unlock()
	switch {
	case found == nil:
		return nil
	case found.Decide != nil:
		return found.Decide(Command{Verb: on, Arg: maskedArg(on, arg), Line: strings.TrimSpace(on + " " +
			maskedArg(on, arg)), Session: c.number, Service: c.service.Name, At: time.Since(s.begun)})
	case len(found.Sequence) == 0:
		return nil
	}
	return &found.Sequence[min(turn, len(found.Sequence))-1]
}

// applies reports whether the rule applies to a command. It counts a matching command and
// returns the count.
func (r *ruleState) applies(c *conn, on, arg string) (turn int, ok bool) {
	if r.On != on && (r.On != "*" || slices.Contains(Moments, on)) {
		return 0, false
	}
	if r.Session != 0 && r.Session != c.number || r.Service != "" && r.Service != c.service.Name {
		return 0, false
	}
	if r.Match != "" && !strings.Contains(strings.ToLower(arg), strings.ToLower(r.Match)) {
		return 0, false
	}
	key := ""
	switch r.Per {
	case "session":
		key = fmt.Sprint(c.number)
	case "argument":
		key = countKey(arg)
	}
	if _, known := r.counts[key]; !known {
		n := countCost + int64(len(key))
		if len(r.counts) >= maxCounted || r.off || !c.srv.memory.take(n) {
			return 0, false
		}
		r.taken += n
	}
	r.counts[key]++
	turn = r.counts[key]
	if r.Nth != 0 && turn != r.Nth || r.Times != 0 && turn > r.Times {
		return 0, false
	}
	return turn, true
}

// countKey returns the key under which an argument is counted: the argument in lower case,
// or its hash if it is long.
func countKey(arg string) string {
	key := strings.ToLower(arg)
	if len(key) <= 2*sha256.Size {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return string(sum[:])
}

// maxCounted is the limit of arguments or sessions that a rule counts.
const maxCounted = 100000

// Command is a line that a client has sent.
type Command struct {
	Session int           // number of the session, from 1
	Service string        // service that received it
	Verb    string        // in upper case
	Arg     string        // secrets masked
	Line    string        // without its line ending; secrets are masked, except from a Peer
	Shown   string        // from a Peer: Line with secrets masked
	At      time.Duration // since the start of the server
}

// secretLines finds the credentials of an AUTH command.
var secretLines = secret.Lines{Mechanism: saslmech.Known}

// maskedArg returns the argument of a command with credentials masked.
func maskedArg(verb, arg string) string {
	line := verb + " " + arg
	return string(secret.MaskSpans([]byte(line), secretLines.Response(line)))[len(verb)+1:]
}
