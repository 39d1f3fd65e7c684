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

// Attacks of scripts that were found: each row ends soon, with an error that says what is
// wrong, or works.
func TestAttacksOfScripts(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      string // part of the error; "" for success
	}{
		{
			"an action in itself",
			`local srv = smtp.listen(nil, {profile = "plain"}) local t = {sequence = {}} t.sequence[1] = t srv:on("NOOP", t)`,
			"10 sequences inside each other",
		},
		{
			"actions without end",
			`local srv = smtp.listen(nil, {profile = "plain"}) local t = {sequence = {250}} for i = 1, 60 do t = {sequence = {t, t}} end ` +
				`srv:on("NOOP", t)`,
			"an action has more than",
		},
		{
			"a rule that gives such an action",
			`local srv = smtp.listen(nil, {profile = "plain"}) local t = {sequence = {}} t.sequence[1] = t srv:on("NOOP", function() return t ` +
				`end) assert(smtp.connect(srv):noop().code == 451)`,
			"10 sequences inside each other",
		},
		{"tables that show each other", `local t = {} for i = 1, 2000 do t["k" .. i] = t end expect(t):equals(1)`, "want 1, got {"},
		{"an error that is such a table", `local t = {} for i = 1, 2000 do t["k" .. i] = t end error(t)`, "an error that is a table"},
		{"such a table is itself", `local t = {} for i = 1, 2000 do t["k" .. i] = t end expect(t):equals(t)`, ""},
		{"keys that are large", `local t = {} for i = 1, 3 do t[("\0"):rep(6e6) .. i] = 1 end expect(t):equals(1)`, "want 1, got {"},
		{
			"many lists in a list",
			`local a, b, l = {}, {}, {} for i = 1, 5e3 do a[i] = i b[i] = i end b[5e3] = 0 for i = 1, 4e6 do l[i] = a end expect(l):contains(b)`,
			"deadline",
		},
		{
			"large texts in lists",
			`local a, b, s = {}, {}, ("x"):rep(6e6) local x, y = s .. "a", s .. "b" for i = 1, 9e4 do a[i] = {x} b[i] = y end ` +
				`expect(a):contains({y})`,
			"deadline",
		},
		{"a coroutine of two tasks", `
local co = coroutine.create(function() smtp.sleep("50ms") return 5 end)
local results = {}
local a = smtp.spawn(function() table.insert(results, {coroutine.resume(co)}) end)
local b = smtp.spawn(function() table.insert(results, {coroutine.resume(co)}) end)
a:wait() b:wait()
assert(results[1][1] == false and results[1][2]:find("cannot resume a coroutine that is running"), results[1][2])
assert(results[2][1] == true and results[2][2] == 5)`, ""},
		{
			"a wrapped coroutine of two tasks",
			`local w = coroutine.wrap(function() smtp.sleep("50ms") end) local a = smtp.spawn(w) local ok = pcall(w) local also = ` +
				`pcall(a.wait, a) assert(ok ~= also)`,
			"",
		},
		{
			"a coroutine that resumes itself",
			`local co co = coroutine.create(function() return coroutine.resume(co) end) local ok, inner, why = coroutine.resume(co) assert(ok ` +
				`and inner == false and why:find("cannot resume"))`,
			"",
		},
		{
			"a coroutine in a rule",
			`local srv = smtp.listen(nil, {profile = "plain"}) local co = coroutine.wrap(function() while true do end end) srv:on("NOOP", ` +
				`function() co() end) assert(smtp.connect(srv, {timeout = "8s"}):noop().code == 451)`,
			"Lua has run for 2s",
		},
		{"a check in a task", `smtp.parallel(1, function() check(1):equals(2) end)`, "want 2, got 1"},
		{
			"a source with very many constants",
			`local t = {} for i = 1, 20001 do t[i] = "k" .. i end assert(loadstring("return {'" .. table.concat(t, "','") .. "'}"))`,
			"more than 20000 different texts and numbers",
		},
		{"deep tasks", `
local function deep(n) if n == 0 then smtp.sleep("5s") return "" end return (("x"):gsub("x", function() return deep(n - 1) end)) end
smtp.parallel(3000, function() deep(50) end, {limit = 3000})`, "MiB"},
		{"tasks that begin tasks", `local function f() smtp.parallel(10000, f, {limit = 10000}) end f()`, "MiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vm := luabind.New(newHost(t), luabind.Options{Library: all.Library()})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if tt.want == "deadline" {
				ctx, cancel = context.WithTimeout(ctx, 500*time.Millisecond)
				defer cancel()
			}
			ctx, over := luabind.WatchMemory(ctx, 256<<20, nil)
			defer over()
			ended := make(chan error, 1)
			go func() {
				err := vm.Run(ctx, "t.lua", []byte(tt.src), nil)
				vm.Close()
				ended <- err
			}()
			select {
			case err := <-ended:
				text := ""
				if err != nil {
					text = err.Error()
				}
				if tt.want == "" && err != nil || !strings.Contains(text, tt.want) {
					t.Errorf("%.500v, want %q", err, tt.want)
				}
				if len(text) > 64<<10 {
					t.Errorf("an error of %d bytes", len(text))
				}
			case <-time.After(60 * time.Second):
				buf := make([]byte, 1<<20)
				t.Fatalf("it has not ended\n%s", buf[:runtime.Stack(buf, true)])
			}
		})
	}
}
