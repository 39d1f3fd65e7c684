package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
	"smtpsh/repl"
)

// Every error has its own message, hint and exit status, also if it is wrapped.
func TestErrorTexts(t *testing.T) {
	no := reply.Parse([]byte("550 5.1.1 no\r\n"))
	no.Command, no.Verb = "RCPT TO:<a@b>", "RCPT"
	memory := &luabind.MemoryError{Limit: 96 << 20}
	script := func(v luabind.ErrorValue) error { return &luabind.ScriptError{Name: "a.lua", Message: "x", Value: &v} }
	late := []engine.Advice{{Kind: engine.AdviceTimeout}}
	firewall := []engine.Advice{{Kind: engine.AdviceFirewall}}
	for _, tt := range []struct {
		err       error
		status    int
		msg, hint string
	}{
		{&usageError{errors.New("x"), "do this"}, exit.Usage, "x", "do this"},
		{fmt.Errorf("in it: %w", &usageError{errors.New("x"), "do this"}), exit.Usage, "x", "do this"},
		{&usageError{memory, "see --help"}, exit.Script, "the script uses more than 96 MiB", "build large texts in pieces or send " +
			"them from a file,"},
		{&usageError{context.Canceled, "do this"}, exit.Usage, "context canceled", "do this"},
		{&luabind.ScriptError{Name: "a.lua", Message: "stopped", Cause: memory}, exit.Script, "a.lua: stopped", "--max-memory"},
		{&luabind.LuaTimeError{Limit: time.Second}, exit.Script, "Lua has run for 1s", "--max-lua"},
		{script(luabind.ErrorValue{Kind: "dial", Hint: "h"}), exit.Dial, "a.lua: x", "h"},
		{script(luabind.ErrorValue{Kind: "usage"}), exit.Script, "a.lua: x", ""},
		{script(luabind.ErrorValue{Kind: "usage", Missing: "user"}), exit.Usage, "a.lua: x", ""},
		{script(luabind.ErrorValue{Kind: "reply", Details: &smtpmod.ErrorDetails{Reply: no}}), exit.Permanent, "a.lua: x", ""},
		{script(luabind.ErrorValue{Expect: true}), exit.Failed, "a.lua: x", ""},
		{script(luabind.ErrorValue{Untried: true, Because: "tls"}), exit.TLS, "a.lua: x", ""},
		{script(luabind.ErrorValue{Untried: true}), exit.Failed, "a.lua: x", ""},
		{&luabind.ScriptError{Name: "a.lua", Message: "x", Bug: true}, exit.Script, "bug in smtpsh, please report it: a.lua: x", ""},
		{&luabind.StuckError{Cause: context.Canceled, After: time.Second}, exit.Interrupted, "interrupted; the script did not stop within 1s",
			"reports are missing"},
		{&luabind.StuckError{Cause: errors.New("x"), After: time.Second}, exit.Script, "x; the script did not stop", "reports are missing"},
		{&testrun.TimeoutError{Limit: time.Second}, exit.Script, "the test exceeded its time limit of 1s", ""},
		{&repl.ReplyError{Reply: no, Advice: "a"}, exit.Permanent, "rejected by the server: 550 5.1.1 no", "a"},
		{&repl.ExpectError{Reply: no, Advice: "a"}, exit.Failed, "got 550 5.1.1 no", "a"},
		{&repl.MisplacedError{Reply: no}, exit.Lost, "is not a valid reply here (RFC 5321 section 4.3.2)", ""},
		{&repl.LessonError{Title: "t", Goal: "g"}, exit.Failed, `the lesson "t" is not finished: g`, ""},
		{&repl.InputError{Err: errors.New("x")}, exit.Usage, "x", ""},
		{&repl.InputError{Err: &usageError{errors.New("x"), "do this"}}, exit.Usage, "x", "do this"},
		{&lessonFault{"f", "x"}, exit.Failed, "f: x", ""},
		{&loadFailure{"x", "h"}, exit.Failed, "x", "h"},
		{&findings{[]string{"x"}}, exit.Script, "x", ""},
		{&testFailure{exit.Lost}, exit.Lost, "tests failed", ""},
		{errAgain, exit.Interrupted, "interrupted again", ""},
		{context.Canceled, exit.Interrupted, "interrupted", ""},
		{context.DeadlineExceeded, exit.Lost, "the time limit of the run has passed", "--deadline sets it"},
		{&engine.OpError{Op: "connect to x", Kind: engine.ErrDial, Err: context.DeadlineExceeded, Advice: firewall},
			exit.Dial, "connect to x: context deadline exceeded", "a firewall"},
		{&engine.OpError{Op: "RCPT", Kind: engine.ErrRefused, Reply: no}, exit.Permanent, "RCPT: rejected by the server: 550 5.1.1 no",
			"Correct the address"},
		{&engine.OpError{Op: "reply", Kind: engine.ErrTimeout, Advice: late}, exit.Lost, "reply: timed out", "--timeout sets"},
		{errors.New("x"), exit.Usage, "x", ""},
	} {
		msg, hint, _ := words(tt.err)
		if status := exitstatus.Of(tt.err); status != tt.status {
			t.Errorf("%T %v: status %d, want %d", tt.err, tt.err, status, tt.status)
		}
		if !strings.Contains(msg, tt.msg) || !strings.Contains(hint, tt.hint) || (hint == "") != (tt.hint == "") {
			t.Errorf("%T: %q, hint %q; want %q, %q", tt.err, msg, hint, tt.msg, tt.hint)
		}
	}
}
