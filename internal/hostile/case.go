package hostile

import (
	"bufio"
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"smtpsh/transcript"
)

// Case is one hostile server with a job for the client.
type Case struct {
	Line   int
	Name   string            // "group/what"
	Job    string            // see the runner
	With   map[string][]byte // replaces the usual values of the job: helo, from, to, user, message
	Server Script
	Wants  []Want
}

// Group returns the part of the name before the slash.
func (c Case) Group() string {
	g, _, _ := strings.Cut(c.Name, "/")
	return g
}

// Want is a condition in addition to those of every case.
type Want struct {
	Kind   string // "exit", "err", "wire", "out", "taken"
	Not    bool
	Should bool // should hold, but a violation harms nobody
	Value  string
	re     *regexp.Regexp
}

// Script sets what a server does at the points of a session; at other points it behaves
// correctly.
type Script map[string][]Act

// Act is one action of a server.
type Act struct {
	Do    string // "say", "drip", "flood", "close", "reset", "hang", "tls", "deaf", "honest"
	Bytes []byte
	N     int
}

//go:embed cases.txt
var casesText string

// points are the places where a server can be told to misbehave.
var points = []string{
	"connect", "greeting", "EHLO", "HELO", "STARTTLS", "handshake", "AUTH", "auth",
	"MAIL", "RCPT", "DATA", "message", "DOT", "RSET", "QUIT", "BDAT", "NOOP",
}

// Cases returns the battery.
func Cases() ([]Case, error) { return parse(casesText) }

// parse reads lines of the form
//
//	group/name | job; name=bytes | point: act; act / point: act | want; should want
func parse(text string) ([]Case, error) {
	var out []Case
	seen := map[string]bool{}
	sc := bufio.NewScanner(strings.NewReader(text))
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, " | ")
		if len(f) != 4 {
			return nil, fmt.Errorf("cases.txt:%d: %d fields, want name | job | server | wants", n, len(f))
		}
		c := Case{Line: n, Name: strings.TrimSpace(f[0])}
		if seen[c.Name] || c.Group() == c.Name {
			return nil, fmt.Errorf("cases.txt:%d: the name %q stands twice, or has no group", n, c.Name)
		}
		seen[c.Name] = true
		var err error
		if c.Job, c.With, err = parseJob(f[1]); err != nil {
			return nil, fmt.Errorf("cases.txt:%d: %w", n, err)
		}
		if c.Server, err = parseScript(f[2]); err != nil {
			return nil, fmt.Errorf("cases.txt:%d: %w", n, err)
		}
		if c.Wants, err = parseWants(f[3]); err != nil {
			return nil, fmt.Errorf("cases.txt:%d: %w", n, err)
		}
		out = append(out, c)
	}
	return out, sc.Err()
}

func parseJob(text string) (job string, with map[string][]byte, err error) {
	parts := strings.Split(strings.TrimSpace(text), "; ")
	with = map[string][]byte{}
	for _, p := range parts[1:] {
		name, value, ok := strings.Cut(p, "=")
		switch {
		case !ok || !strings.Contains(" helo from to user message ", " "+name+" "):
			return "", nil, fmt.Errorf("%q is nothing that a job says", p)
		}
		if with[name], err = transcript.Unescape(value); err != nil {
			return "", nil, err
		}
	}
	return parts[0], with, nil
}

func parseScript(text string) (Script, error) {
	s := Script{}
	if text = strings.TrimSpace(text); text == "-" {
		return s, nil
	}
	for part := range strings.SplitSeq(text, " / ") {
		point, acts, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok || !known(point) {
			return nil, fmt.Errorf("%q is no point of a session", point)
		}
		for a := range strings.SplitSeq(acts, "; ") {
			act, err := parseAct(strings.TrimSpace(a))
			if err != nil {
				return nil, err
			}
			s[point] = append(s[point], act)
		}
	}
	return s, nil
}

func known(point string) bool {
	for _, p := range points {
		if p == point {
			return true
		}
	}
	return false
}

func parseAct(text string) (Act, error) {
	word, rest, _ := strings.Cut(text, " ")
	a := Act{Do: word}
	switch word {
	case "say", "drip", "flood":
		b, err := transcript.Unescape(rest)
		if err != nil {
			return a, err
		}
		a.Bytes = b
	case "repeat": // repeat N BYTES
		n, text, _ := strings.Cut(rest, " ")
		count, err := strconv.Atoi(n)
		if err != nil {
			return a, fmt.Errorf("repeat %q: want a number", n)
		}
		b, err := transcript.Unescape(text)
		if err != nil {
			return a, err
		}
		a.Do, a.Bytes = "say", []byte(strings.Repeat(string(b), count))
	case "close", "reset", "hang", "tls", "deaf", "honest":
		a.Bytes = []byte(rest)
	default:
		return a, fmt.Errorf("there is no act %q", word)
	}
	return a, nil
}

func parseWants(text string) ([]Want, error) {
	var out []Want
	if text = strings.TrimSpace(text); text == "-" {
		return nil, nil
	}
	for w := range strings.SplitSeq(text, "; ") {
		w, should := strings.CutPrefix(strings.TrimSpace(w), "should ")
		kind, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no condition", w)
		}
		want := Want{Value: value, Should: should}
		want.Kind, want.Not = strings.CutSuffix(kind, "!")
		if want.Kind == kind {
			want.Not = false
		}
		switch want.Kind {
		case "exit", "taken":
		case "err", "wire", "out":
			re, err := regexp.Compile(value)
			if err != nil {
				return nil, err
			}
			want.re = re
		default:
			return nil, fmt.Errorf("there is no condition %q", kind)
		}
		out = append(out, want)
	}
	return out, nil
}

// Match reports whether a text meets the condition.
func (w Want) Match(text string) bool { return w.re != nil && w.re.MatchString(text) }

// String returns the condition as in the file.
func (w Want) String() string {
	if w.Not {
		return w.Kind + "!=" + w.Value
	}
	return w.Kind + "=" + w.Value
}
