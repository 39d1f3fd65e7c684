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

// Rule makes a server misbehave on cue: when a command comes that it is for, its
// action happens instead of the usual answer, or on top of it.
type Rule struct {
	// On is a verb, or one of the moments of [Moments]; "*" is every command.
	On string
	// Match, if not empty, must be part of the argument, in any case.
	Match string
	// Nth, if not 0, is the only time that the rule is for, counted from 1.
	Nth int
	// Times is how often it applies at most; 0 means always.
	Times int
	// Session, if not 0, is the number of the only session concerned.
	Session int
	// Service, if not empty, is the only service concerned.
	Service string
	// Per says what is counted by itself for Nth, Times and sequences: "server",
	// which is the default, "session", or "argument".
	Per string
	// Sequence is what happens the first time, the second and so on; the last
	// action stays. One action is a sequence of one.
	Sequence []Action
	// Decide, if not nil, chooses the action instead; nil lets the usual
	// happen. It runs in the connection's goroutine.
	Decide func(c Command) *Action
}

// Moments are what rules can be for beside verbs.
var Moments = []string{"CONNECT", "TLS", "MESSAGE", "RESPONSE", "*"}

// Occasions are the words that a rule can be for: all verbs, and the moments.
func Occasions() []string {
	out := slices.Clone(Moments)
	for _, v := range verb.Verbs() {
		out = append(out, v.Name)
	}
	return out
}

// KnownOccasion reports that a rule can be for a word, in any case: a verb, a moment, or a
// private verb, which begins with X (RFC 5321 section 4.1.5).
func KnownOccasion(on string) bool {
	_, known := verb.Lookup(on)
	return known || slices.Contains(Moments, strings.ToUpper(on)) || len(on) > 1 && strings.EqualFold(on[:1], "X")
}

// UnknownVerbError is a rule for a verb that does not exist: it would never apply.
type UnknownVerbError struct{ Verb string }

// Error names the verb.
func (e *UnknownVerbError) Error() string {
	return fmt.Sprintf("%s is no verb of SMTP, and none of the moments %s", e.Verb, strings.Join(Moments, " "))
}

// Action is what a rule does. Its parts happen in the order of the fields.
type Action struct {
	Delay   time.Duration // wait before anything else
	Drop    string        // "before" the reply, in the middle of it ("half"), or "after" it
	Reset   bool          // dropping means a TCP reset
	Reply   string        // the reply, lines joined by LF; "" is the usual one
	Raw     []byte        // exact bytes instead of a reply
	With    []string      // lines added to an EHLO reply
	Without []string      // keywords taken out of it
	Drip    time.Duration // between the octets of the reply
	Stall   time.Duration // read nothing for so long afterwards
	Cert    string        // at TLS: a certificate of [CertKinds]
	CutTLS  bool          // at TLS: hang up in the handshake
}

// replyForm is a reply of one line or several.
var replyForm = lazyregexp.New(`^[0-9]{3}([ -][^\r\x00]*)?$`)

// Check tells what is wrong with a rule.
func (r *Rule) Check() error {
	switch r.Per {
	case "", "server", "session", "argument":
	default:
		return fmt.Errorf("per: %q is not server, session or argument", r.Per)
	}
	if r.On == "" || strings.ContainsAny(r.On, " \t\r\n") {
		return fmt.Errorf("a rule needs a verb, or one of %s", strings.Join(Moments, " "))
	}
	if !KnownOccasion(r.On) {
		return &UnknownVerbError{r.On}
	}
	if r.Nth < 0 || r.Times < 0 || r.Session < 0 {
		return errors.New("nth, times and session count from 1")
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
			return fmt.Errorf("%q is not a reply: it begins with three digits; raw sends any bytes", a.Reply)
		}
		if (a.Cert != "" || a.CutTLS) && !strings.EqualFold(r.On, "TLS") {
			return fmt.Errorf("cert and cut_tls belong to the moment TLS, not to %s", r.On)
		}
		if len(a.With)+len(a.Without) > 0 && !strings.EqualFold(r.On, "EHLO") && !strings.EqualFold(r.On, "LHLO") {
			return fmt.Errorf("with and without belong to EHLO, not to %s", r.On)
		}
	}
	return nil
}

// NoServiceError is a service that a profile does not have, as a rule for another one names it.
type NoServiceError struct{ Profile, Service string }

// Error names both.
func (e *NoServiceError) Error() string {
	return fmt.Sprintf("profile %s has no service %s", e.Profile, e.Service)
}

// ruleState is a rule with its counts.
type ruleState struct {
	Rule
	counts map[string]int
	taken  int64 // octets of memory for the counts
	off    bool  // the rule has been taken away
}

// On adds a rule. Rules are asked in the order in which they were added; the
// first that applies is taken.
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

// Off takes all rules away.
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

// rule finds the action for a command or a moment; nil for none.
func (c *conn) rule(on, arg string) *Action {
	s := c.srv
	rules := s.rules.Load()
	if rules == nil { // no lock is shared where there are none
		return nil
	}
	s.ruleMu.Lock()
	var found *ruleState
	turn := 0
	for _, r := range *rules { // each counts, also those that come too late
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

// applies counts the command when the rule is for it, and tells which time it is.
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

// countKey is what an argument is counted as: itself in small letters, or a hash of that
// if it is long.
func countKey(arg string) string {
	key := strings.ToLower(arg)
	if len(key) <= 2*sha256.Size {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return string(sum[:])
}

// maxCounted bounds what rules remember of arguments and sessions.
const maxCounted = 100000

// Command is what a client said.
type Command struct {
	Session int    // number of the session, from 1
	Service string // where it came in
	Verb    string // in capitals
	Arg     string // secrets masked
	Line    string // without its ending: as it came to a Peer, secrets masked in Commands
	Shown   string // of a Peer: Line with secrets masked
	At      time.Duration
}

// secretLines finds the credentials of an AUTH command.
var secretLines = secret.Lines{Mechanism: saslmech.Known}

// maskedArg is the argument of a command with credentials masked.
func maskedArg(verb, arg string) string {
	line := verb + " " + arg
	return string(secret.MaskSpans([]byte(line), secretLines.Response(line)))[len(verb)+1:]
}
