package hostile_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"smtpsh/internal/hostile"
)

const (
	maxSilence = 3 * time.Second  // in addition to the limit of one wait, if the server sends nothing at all
	maxTime    = 12 * time.Second // for every behaviour of the server
	maxMemory  = 64 << 20
	maxOutput  = 512 << 10
)

// verdict counts the must and should of a run, and those that did not hold.
type verdict struct {
	must, should             int
	mustMissed, shouldMissed []string
}

// miss reports whether any of them did not hold.
func (v *verdict) miss() []string {
	return append(append([]string(nil), v.mustMissed...), v.shouldMissed...)
}

// judge checks the result of a run.
func judge(c hostile.Case, service string, o outcome, srv *hostile.Server, limit time.Duration) *verdict {
	v := &verdict{}
	must := func(holds bool, format string, args ...any) {
		if v.must++; !holds {
			v.mustMissed = append(v.mustMissed, "must: "+fmt.Sprintf(format, args...))
		}
	}
	should := func(holds bool, format string, args ...any) {
		if v.should++; !holds {
			v.shouldMissed = append(v.shouldMissed, "should: "+fmt.Sprintf(format, args...))
		}
	}
	most := maxTime
	if silent(c) {
		most = limit + maxSilence
	}
	must(o.took <= most, "the run took %v of at most %v", o.took, most)
	must(o.memory <= maxMemory, "the client used %d MiB", o.memory>>20)
	must(!o.flood, "the client printed more than %d bytes", maxOutput)
	must(o.exit != 0 || srv.Taken() > 0, "the client reports success, but the server accepted no message")
	must(srv.Taken() <= 1, "the server accepted the message %d times", srv.Taken())
	must(o.exit >= 0 && !bytes.Contains(o.err, []byte("goroutine ")), "the client crashed")
	both := append(append([]byte(nil), o.out...), o.err...)
	must(o.exit == 0 || len(bytes.TrimSpace(both)) > 0, "the client failed without a message")
	should(o.exit == 0 || service == "swaks" || step.Match(o.err) || step.Match(o.out), "no line names the failed step")
	bad := unclean(both)
	must(bad == "", "a control character reached the terminal: %q", bad)

	clear, inside := srv.Wire()
	for _, wire := range []string{clear, inside} {
		if at := strings.Index(wire, "\x16\x03"); at >= 0 { // a handshake that the server did not answer
			wire = wire[:at]
		}
		must(!strings.ContainsRune(unterminated.ReplaceAllString(wire, ""), '\x00'), "the client sent a NUL")
		must(!bare.MatchString(wire), "the client sent a bare CR or LF: %q", bare.FindString(wire))
	}
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + said(c, "user") + "\x00" + password))
	for _, secret := range []string{password, plain, base64.StdEncoding.EncodeToString([]byte(password))} {
		must(!bytes.Contains(both, []byte(secret)), "the client printed the secret %q", secret)
		must(!strings.Contains(clear, secret), "the client sent the secret %q unencrypted", secret)
	}
	must(strings.Count(inside, "AUTH ") <= 1, "the client tried %d logins", strings.Count(inside, "AUTH "))
	if _, at, ok := strings.Cut(inside, "AUTH "); ok && c.Group() == "auth" {
		answers := 0
		for _, l := range strings.Split(at, "\r\n")[1:] {
			if l != "" && l != "*" && l != "QUIT" && l != "RSET" && !strings.HasPrefix(l, "MAIL") {
				answers++
			}
			if strings.HasPrefix(l, "MAIL") {
				break
			}
		}
		must(answers <= 3, "the client answered %d challenges", answers)
	}
	for _, w := range c.Wants {
		if service == "send" && w.Kind == "exit" && differs[c.Name] != "" {
			continue
		}
		if service == "swaks" && w.Kind != "taken" { // its statuses and texts are others
			continue
		}
		check := must
		if w.Should {
			check = should
		}
		var ok bool
		switch w.Kind {
		case "exit":
			n, _ := strconv.Atoi(w.Value)
			if ok = o.exit == n; service == "test" && n != 0 && !w.Not {
				ok = o.exit == 1 // a failed test, for any reason
			} else if service == "send" && n == 6 && o.exit == 10 { // send has a status for an unknown delivery
				ok = true
			}
		case "taken":
			n, _ := strconv.Atoi(w.Value)
			ok = srv.Taken() == n
		case "err":
			ok = w.Match(string(both))
		case "out":
			ok = w.Match(string(o.out))
		case "wire":
			ok = w.Match(clear)
		}
		check(ok != w.Not, "%s, exit status %d", w, o.exit)
	}
	return v
}

// differs has the cases in which send, which opens the session itself, may end otherwise
// than the other services, with the reason. The checks for every case apply to it too.
var differs = map[string]string{
	"caps/only-ehlo-refused":   "it sends HELO after 502",
	"refused/ehlo-550":         "it sends HELO after 550",
	"shown/greeting-cr-inside": "it does not trust a greeting with a CR inside",
	"shown/ehlo-cr-inside":     "it does not trust a list of extensions with a CR inside",
}

// silent reports whether the server only stays silent.
func silent(c hostile.Case) bool {
	for _, acts := range c.Server {
		for _, a := range acts {
			if a.Do != "hang" {
				return false
			}
		}
	}
	return len(c.Server) > 0
}

var (
	// step finds a line of smtpsh that names the failed step.
	step = regexp.MustCompile(`(?m)^(smtpsh: |  .*_test\.lua:(\d+:)? ` +
		`).*(?i:connect|greeting|EHLO|STARTTLS|TLS|certificate|AUTH|login|MAIL|RCPT|DATA|message|QUIT|NOOP|reply to|command|end of the ` +
		`session|:\d+: )`)
	// bare finds a single CR or LF.
	bare = regexp.MustCompile(`[^\r]\n|\r[^\n]`)
	// unterminated matches the rest of a line after a cut connection.
	unterminated = regexp.MustCompile(`[^\n]*$`)
	// sgr matches the colours of the program itself.
	sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// unclean finds a character that controls a terminal, or that hides others.
func unclean(b []byte) string {
	b = sgr.ReplaceAll(b, nil)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1, r < 0x20 && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, unicode.Is(unicode.Cf, r):
			return string(b[:n])
		}
		b = b[n:]
	}
	return ""
}
