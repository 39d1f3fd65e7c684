package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"

	"smtpsh/internal/dialer"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/testrun"
)

// noServer is the text of the target line when the user named no server.
const noServer = "built-in, no --server given"

// errNoServer is a run that must not fall back to the built-in server.
var errNoServer = errors.New("--require-server: no server was given")

// requireServer refuses to go on without a named server when the flag asks for one.
func (a *app) requireServer(named string) error {
	if !a.conn.require || named != "" || a.conn.dialer.Target != "" {
		return nil
	}
	return &usageError{
		err:  errNoServer,
		hint: "add --server HOST:PORT or set SMTPSH_SERVER; for the built-in server, write --server sandbox:gmail",
	}
}

// describeTarget names a target and says what it is, "" for nothing special.
func (a *app) describeTarget(name string) (target, note string) {
	c := &a.conn
	target = c.dialer.Resolve(name)
	t, err := dialer.ParseTarget(target)
	builtIn := err == nil && t.BuiltIn()
	switch {
	case c.dialer.Target == "" && builtIn:
		return target, noServer
	case builtIn:
		note = "built-in"
	case err == nil && c.dialer.Routes[t.Address()] != "":
		note = "connected to at " + c.dialer.Routes[t.Address()]
	}
	if c.server == "" && target == c.dialer.Target {
		note = strings.TrimPrefix(note+", from SMTPSH_SERVER", ", ")
	}
	return target, note
}

func targetLine(target, note string) string {
	line := "target: " + brief(target)
	if note != "" {
		line += " (" + brief(note) + ")"
	}
	return line
}

// targetAnnouncer names the server of a run on standard error, once, before the first
// session to it is opened: a run against the built-in server must not pass for one
// against the user's.
type targetAnnouncer struct {
	a *app
	// bundled names every server; of scripts of the user's own only the built-in one is
	// named that nobody has asked for.
	bundled bool
	once    sync.Once
}

func (s *targetAnnouncer) announce(name string) {
	if s == nil || s.a.out.quiet {
		return
	}
	target, note := s.a.describeTarget(name)
	if !s.bundled && note != noServer {
		return
	}
	s.once.Do(func() { fmt.Fprintln(s.a.Stderr, targetLine(target, note)) })
}

// ownServers counts the dialogues that go to servers which they name themselves: with
// :open, as recorded ones do. --server takes the place of a {server:...} among them.
func (a *app) ownServers(files []*testrun.File) int {
	n := 0
	for _, f := range files {
		if !dialogue.Recognise(f.Name, f.Source) || !opensItself().Match(f.Source) {
			continue
		}
		if a.conn.dialer.Target == "" || !bytes.Contains(f.Source, []byte("{server:")) {
			n++
		}
	}
	return n
}

var opensItself = lazyregexp.New(`(?m)^\s*(\[[^\]]+\]\s*)?:open\s+\S`)

// withOwnServers adds to the target line how many files name servers of their own.
func withOwnServers(note string, own, total int) string {
	switch {
	case own == 0:
		return note
	case own == total && total == 1:
		return strings.TrimPrefix(note+"; the dialogue names its own servers", "; ")
	}
	return strings.TrimPrefix(fmt.Sprintf("%s; %d of %d files name their own servers", note, own, total), "; ")
}
