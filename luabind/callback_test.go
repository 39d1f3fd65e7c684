package luabind_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// A function that a server or a session calls can call the same server or session again,
// and any other function, without a deadlock.
func TestCallbacksCanCallTheirCaller(t *testing.T) {
	calls := []string{
		"srv:close()",
		"srv:close() srv:close()",
		"srv:off()",
		`srv:on("RSET", 250)`,
		"srv:messages()",
		`pcall(srv.messages, srv, 1, "50ms")`,
		"srv:commands()",
		"srv:target()",
		"smtp.connect(srv)",
		"pcall(s.noop, s)",
		"pcall(s.close, s)",
		"smtp.spawn(function() srv:close() end):wait()",
		"smtp.parallel(2, function() srv:close() end)",
		"smtp.listen():close()",
		"defer(function() srv:close() end)",
		"coroutine.wrap(function() srv:close() end)()",
		`pcall(eventually, {timeout = "50ms"}, function() srv:close() error("x") end)`,
		"s.transcript:text()",
		`local t = smtp.connect(srv) srv:on("NOOP", function() srv:close() end) pcall(t.noop, t)`,
		"error('x')",
	}
	frames := []struct{ name, src string }{
		{"rule", `local srv = smtp.listen(nil, {profile = "plain"}) local s = smtp.connect(srv, {timeout = "5s"}) local once
srv:on("NOOP", function() if once then return end once = true %s end) pcall(s.noop, s)`},
		{
			"rule at the greeting",
			`local srv = smtp.listen(nil, {profile = "plain"}) local s, once
srv:on("CONNECT", function() if once then return end once = true s = setmetatable({noop = 1, close = 1},
nil) s.transcript = {text = print} %s end) pcall(smtp.connect, srv, {timeout = "5s"})`,
		},
		{
			"rule for a message",
			`local srv = smtp.listen(nil, {profile = "plain"}) local s = smtp.open(srv, {timeout = "5s"}) local once
srv:on("MESSAGE", function() if once then return end once = true %s end)
pcall(s.send, s, mail.message{from = "a@example.org", to = "bob@sandbox.test", text = "x"})`,
		},
		{"serve", `local srv = smtp.listen() local s
srv.serve(srv, function(c) c:reply(220, "hello") s = c s.noop = s.eof %s end) pcall(smtp.connect, srv, {timeout = "5s"})`},
		{"handler", `local srv = smtp.listen(nil, {profile = "plain"}) local s = smtp.connect(srv, {timeout = "5s"}) local once
s:on("reply", function() if once then return end once = true %s end) pcall(s.noop, s)`},
		{"pieces of a message", `local srv = smtp.listen(nil, {profile = "plain"}) local s = smtp.open(srv, {timeout = "5s"}) local once
s:mail("a@example.org") s:rcpt("bob@sandbox.test") pcall(s.data, s, function() if once then return end once = true %s return "x" end)`},
	}
	for _, f := range frames {
		for _, call := range calls {
			t.Run(f.name+"/"+call, func(t *testing.T) {
				vm := luabind.New(newHost(t), luabind.Options{Library: all.Library()})
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				ended := make(chan error, 1)
				go func() {
					err := vm.Run(ctx, "t.lua", []byte(strings.Replace(f.src, "%s", call, 1)), nil)
					vm.Close()
					ended <- err
				}()
				select {
				case err := <-ended:
					if ctx.Err() != nil {
						t.Errorf("it has ended at its deadline only: %v", err)
					}
				case <-time.After(30 * time.Second):
					buf := make([]byte, 1<<20)
					t.Fatalf("it has not ended\n%s", buf[:runtime.Stack(buf, true)])
				}
			})
		}
	}
}

// A reply as a list can have the other keys of an action.
func TestListsWithKeys(t *testing.T) {
	const open = `local srv = smtp.listen(nil, {profile = "plain"}) local s = smtp.open(srv) `
	for src, want := range map[string]string{
		`srv:on("NOOP", {451, "4.7.1 later", delay = "50ms"}) local r = s:noop() expect(r.code):equals(451) expect(r.took):at_least(0.05)`: "",
		`srv:on("NOOP", {250, "a", "b", drop = "after"}) expect(s:noop().text):equals("a\nb") ` +
			`expect(function() s:noop() end):raises("closed")`: "",
		`srv:on("NOOP", {451, "x", reply = 250})`: "a list is a reply",
		`srv:on("NOOP", {451, "x", dely = "5s"})`: "did you mean delay?",
	} {
		src = strings.Replace(src, `"NOOP", {`, `"NOOP", {}, {`, 1)
		_, err := run(t, open+src)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
}
