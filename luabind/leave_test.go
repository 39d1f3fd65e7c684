package luabind_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/testmod"
)

// leaving runs a script against a server of its own and returns the numbers of QUIT and of
// other commands that the server received.
func leaving(t *testing.T, ctx context.Context, run func(vm *luabind.VM, ctx context.Context) error, rules ...sandbox.Rule) (quits int,
	others []string, err error) {
	t.Helper()
	srv, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for _, r := range rules {
		if err := srv.On(r); err != nil {
			t.Fatal(err)
		}
	}
	d := &dialer.Dialer{
		Target: srv.Addr(""),
		Options: engine.Options{
			Timeouts: engine.UniformTimeouts(20 * time.Second),
			TLS:      engine.TLSOptions{RootCAs: srv.Roots(), ServerName: "sandbox.test"},
		},
	}
	defer d.Close()
	vm := luabind.New(&host{dialer: d}, luabind.Options{Library: all.Library()})
	defer vm.Close()
	err = run(vm, ctx)
	for _, c := range srv.Commands() {
		if c.Verb == "QUIT" {
			quits++
		} else {
			others = append(others, strings.TrimSpace(c.Verb+" "+c.Arg))
		}
	}
	return quits, others, err
}

func script(src string) func(vm *luabind.VM, ctx context.Context) error {
	return func(vm *luabind.VM, ctx context.Context) error { return vm.Run(ctx, "t.lua", []byte(src), nil) }
}

func play(text string) func(vm *luabind.VM, ctx context.Context) error {
	return func(vm *luabind.VM, ctx context.Context) error {
		return dialogue.Player{Host: vm.Host().(dialogue.Host)}.Run(ctx, "d.smtp", []byte(text))
	}
}

func suite(src string) func(vm *luabind.VM, ctx context.Context) error {
	return func(vm *luabind.VM, ctx context.Context) error {
		s, err := testmod.Load(ctx, vm, "t_test.lua", []byte(src))
		if err != nil {
			return err
		}
		s.Run(ctx, s.Tests(), testrun.RunOptions{Timeout: 10 * time.Second, Done: func(r *testrun.Result) bool {
			if len(r.Failures) > 0 {
				err = errors.Join(errors.New(r.Failures[0].Message), r.Failures[0].Stopped)
			}
			return true
		}})
		return err
	}
}

const inEnvelope = `local s = smtp.connect() s:ehlo("me") s:mail("a@example.org") s:rcpt("bob@sandbox.test") `

// TestOpenSessionsSayQuit: a script, test or dialogue that ends with an open session sends
// QUIT (RFC 5321 section 4.1.1.10), unless it has closed the session, or QUIT would not be
// a command.
func TestOpenSessionsSayQuit(t *testing.T) {
	for name, c := range map[string]struct {
		run   func(vm *luabind.VM, ctx context.Context) error
		quits int
		fails string
	}{
		"a script":               {run: script(`smtp.connect()`), quits: 1},
		"in a transaction":       {run: script(inEnvelope), quits: 1},
		"in TLS":                 {run: script(`smtp.open()`), quits: 1},
		"between chunks":         {run: script(inEnvelope + `s:bdat("x", {last = false})`)},
		"two sessions":           {run: script(`smtp.connect() smtp.connect()`), quits: 2},
		"tasks":                  {run: script(`smtp.parallel(5, function() smtp.connect() end)`), quits: 5},
		"a script that failed":   {run: script(`smtp.connect():noop():expect(550)`), quits: 1, fails: "250"},
		"a script with an error": {run: script(`smtp.connect() error("my own")`), quits: 1, fails: "my own"},
		"a login that is refused": {
			run:   script(`smtp.open(nil, {auth = {user = "ann@sandbox.test", pass = "wrong"}})`),
			quits: 1, fails: "535",
		},
		"quit":                 {run: script(`smtp.connect():quit()`), quits: 1},
		"QUIT by hand":         {run: script(`smtp.connect():cmd("QUIT")`), quits: 1},
		"close":                {run: script(`smtp.connect():close()`)},
		"shutdown":             {run: script(`smtp.connect():shutdown("write")`)},
		"reset":                {run: script(`smtp.connect():shutdown("reset")`)},
		"in DATA":              {run: script(inEnvelope + `s:cmd("DATA"):expect(354)`)},
		"in a message by hand": {run: script(inEnvelope + `s:cmd("DATA") s:write("Subject: x\r\n")`)},
		"in AUTH":              {run: script(`local s = smtp.open() s:auth_raw("LOGIN"):expect(334)`)},
		"before a handshake":   {run: script(`local s = smtp.connect() s:ehlo("me") s:starttls{handshake = false}:expect(220)`)},
		"in half a line":       {run: script(`smtp.connect():write("NO")`)},
		"in a chunk":           {run: script(inEnvelope + `s:write("BDAT 10\r\nab")`)},
		"with replies due":     {run: script(`smtp.connect():write("NOOP\r\n") smtp.sleep("50ms")`)},
		"out of step":          {run: script(`local s = smtp.connect(nil, {timeout = "30ms"}) pcall(s.cmd, s, "VRFY x")`)},
		"a test":               {run: suite(`it("x", function() smtp.connect() end)`), quits: 1},
		"a test that failed":   {run: suite(`it("x", function() smtp.connect():noop():expect(550) end)`), quits: 1, fails: "250"},
		"a session of before_all": {
			run:   suite(`before_all(function() smtp.connect() end) it("x", function() end) it("y", function() end)`),
			quits: 1,
		},
		"a test that was " +
			"late": {run: suite(`it("x", {timeout = "30ms"}, function() smtp.connect() smtp.sleep(5) end)`), fails: "exceeded"},
		"a dialogue":                   {run: play("C: NOOP\nS: 250\n"), quits: 1},
		"a dialogue that does not fit": {run: play("C: NOOP\nS: 550\n"), quits: 1, fails: "550"},
		"a dialogue with QUIT":         {run: play("C: QUIT\nS: 221\n"), quits: 1},
		"a dialogue with :close":       {run: play("C: NOOP\nS: 250\n:close\n")},
		"two connections":              {run: play("C: NOOP\nS: 250\n:open as b\nb S: 220\n"), quits: 2},
		"a dialogue in a script":       {run: script(`local s = smtp.connect() s:play("C: NOOP\nS: 250")`), quits: 1},
		"a dialogue in DATA": {
			run: play("C: EHLO x\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<bob@sandbox.test>\nS: 250\nC: DATA\nS: 354\n"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rules []sandbox.Rule
			if name == "out of step" {
				rules = append(rules, sandbox.Rule{On: "VRFY", Sequence: []sandbox.Action{{Delay: 200 * time.Millisecond}}})
			}
			quits, others, err := leaving(t, t.Context(), c.run, rules...)
			if quits != c.quits {
				t.Errorf("%d times QUIT, want %d; the others: %q", quits, c.quits, others)
			}
			if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error()+fmt.Sprint(errors.Unwrap(err)), c.fails) {
				t.Errorf("error %v, want %q", err, c.fails)
			}
		})
	}
}

// TestQUITFindsRejection: servers cannot reject QUIT, so a rejection instead of the 221
// answers something else.
func TestQUITFindsRejection(t *testing.T) {
	for _, code := range []string{"451", "500", "550"} {
		for _, run := range []func(vm *luabind.VM, ctx context.Context) error{
			script(`smtp.connect()`), script(`smtp.connect():quit()`), play("C: NOOP\nS: 250\n"), suite(`it("x", function() smtp.connect() end)`),
		} {
			_, _, err := leaving(t, t.Context(), run,
				sandbox.Rule{On: "QUIT", Sequence: []sandbox.Action{{Raw: []byte(code + " no\r\n"), Drop: "after"}}})
			if err == nil || !strings.Contains(err.Error(), code+" to QUIT instead of 221") || strings.Contains(err.Error(), "not known") {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}

// TestQUITChangesNoResult: if the server ends the session in any way but a rejection, the
// result stays the same. The wait for a silent server is limited by the deadline.
func TestQUITChangesNoResult(t *testing.T) {
	for name, action := range map[string]sandbox.Action{
		"unusual":   {Reply: "250 2.0.0 bye"},
		"temporary": {Reply: "421 4.3.0 later"},
		"hung up":   {Drop: "before"},
		"reset":     {Drop: "before", Reset: true},
		"rubbish":   {Raw: []byte("\x00\xff\r\n")},
		"silent":    {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rule := sandbox.Rule{On: "QUIT", Sequence: []sandbox.Action{action}}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			if quits, _, err := leaving(t, ctx, script(`smtp.connect() smtp.connect()`), rule); quits == 0 || err != nil {
				t.Errorf("%d times QUIT, %v", quits, err)
			}
			if _, _, err := leaving(t, ctx, play("C: NOOP\nS: 250\n"), rule); err != nil {
				t.Error(err)
			}
			if ctx.Err() != nil {
				t.Error("leaving has used up the time of the run")
			}
		})
	}
}

// TestQUITFindsUnsolicitedReply: a reply that is found at QUIT and answers no command
// is a failure wherever the session was opened. An earlier failure is still the one that is
// reported.
func TestQUITFindsUnsolicitedReply(t *testing.T) {
	late := sandbox.Rule{On: "QUIT", Sequence: []sandbox.Action{{Raw: []byte("452 4.3.1 too late\r\n221 bye\r\n")}}}
	const unasked = "a 452 that answers no command"
	for name, c := range map[string]struct {
		run  func(vm *luabind.VM, ctx context.Context) error
		want string
	}{
		"a script": {script(`smtp.connect():noop():expect(250)`), unasked},
		"a task": {
			script(`local r = smtp.parallel(1, function() smtp.connect() end) for _, e in pairs(r.errors) do error(e) end`),
			unasked,
		},
		"a task's results":       {script(`smtp.parallel(1, function() smtp.connect() end)`), unasked},
		"tasks of a task":        {script(`smtp.parallel(1, function() smtp.parallel(1, function() smtp.connect() end) end)`), unasked},
		"tasks in a test":        {suite(`it("x", function() smtp.parallel(1, function() smtp.connect() end) end)`), unasked},
		"after a task":           {script(`smtp.spawn(function() end):wait() smtp.connect():noop():expect(250)`), unasked},
		"a session of a task":    {script(`smtp.spawn(function() return smtp.connect() end):wait():noop():expect(250)`), unasked},
		"next to a task":         {script(`smtp.spawn(function() smtp.sleep(60) end) smtp.connect():noop():expect(250)`), unasked},
		"a test after a task":    {suite(`it("x", function() smtp.spawn(function() end):wait() smtp.connect():noop():expect(250) end)`), unasked},
		"in a task":              {script(`smtp.spawn(function() smtp.connect() smtp.sleep(60) end)`), ""},
		"a test":                 {suite(`it("x", function() smtp.connect():noop():expect(250) end)`), unasked},
		"a session for tests":    {suite(`before_all(function() smtp.connect() end) it("x", function() end)`), unasked},
		"a dialogue":             {play("C: NOOP\nS: 250\n"), unasked},
		"a script that failed":   {script(`smtp.connect():noop():expect(550)`), "got 250"},
		"a test that failed":     {suite(`it("x", function() smtp.connect():noop():expect(550) end)`), "got 250"},
		"a dialogue that failed": {play("C: NOOP\nS: 550\n"), "want S: 550"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quits, _, err := leaving(t, t.Context(), c.run, late)
			if c.want == "" && err == nil && quits <= 1 {
				return
			}
			if quits != 1 || err == nil || !strings.Contains(err.Error(), c.want) || c.want != unasked && strings.Contains(err.Error(), unasked) {
				t.Errorf("%d times QUIT, %v", quits, err)
			}
		})
	}
}

// TestScriptedServerGetsNoQUIT: such a server expects only what the script sends, so it
// gets no QUIT.
func TestScriptedServerGetsNoQUIT(t *testing.T) {
	_, err := run(t, `local heard = {}
local srv = smtp.listen()
srv:serve(function(c)
  c:reply(220, "x")
  c:expect("NOOP")
  c:reply(250, "ok")
  local line = c:read_line("2s")
  if line then fail("the server heard " .. line.line) end
end)
smtp.parallel(1, function() smtp.connect(srv):noop():expect(250) end)
smtp.sleep("50ms")`)
	if err != nil {
		t.Fatal(err)
	}
}
