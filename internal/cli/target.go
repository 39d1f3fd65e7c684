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

// noServer is the note of the target line if the user named no server.
const noServer = "built-in, no --server given"

// errNoServer is the error of a run that must not use the sandbox by default.
var errNoServer = errors.New("--require-server: no server was given")

// requireServer returns an error without a named server if the flag requires one.
func (a *app) requireServer(named string) error {
	if !a.conn.require || named != "" || a.conn.dialer.Target != "" {
		return nil
	}
	return &usageError{
		err:  errNoServer,
		hint: "add --server HOST:PORT or set SMTPSH_SERVER; for the built-in server, write --server sandbox:gmail",
	}
}

// describeTarget returns a target and a note about it, or "".
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

// targetAnnouncer prints the server of a run on standard error, once, before the first
// session with it: the user must not mistake the sandbox for the intended server.
type targetAnnouncer struct {
	a *app
	// bundled prints every server. For the user's own scripts only a sandbox that the user
	// did not name is printed.
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

// ownServers marks and counts the dialogues that name their own servers with :open, as recorded ones
// do. --server replaces {server:...} in them.
func (a *app) ownServers(files []*testrun.File) int {
	n := 0
	for _, f := range files {
		if !dialogue.Recognise(f.Name, f.Source) || !opensItself().Match(f.Source) {
			continue
		}
		if a.conn.dialer.Target == "" || !bytes.Contains(f.Source, []byte("{server:")) {
			f.OwnServers = true
			n++
		}
	}
	return n
}

var opensItself = lazyregexp.New(`(?m)^\s*(\[[^\]]+\]\s*)?:open\s+\S`)

// withOwnServers adds the number of files with servers of their own to the note of the
// target line.
func withOwnServers(note string, own, total int) string {
	switch {
	case own == 0:
		return note
	case own == total && total == 1:
		return strings.TrimPrefix(note+"; the dialogue names its own servers", "; ")
	}
	return strings.TrimPrefix(fmt.Sprintf("%s; %d of %d files name their own servers", note, own, total), "; ")
}
