package testrun_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/testrun"
)

// TestNothingIsHidden: a failure outside of a test's function fails the run too. The tests
// of each source would pass themselves.
func TestNothingIsHidden(t *testing.T) {
	for name, src := range map[string]string{
		"a check in the file":   `check(1):equals(2) it("x", function() end)`,
		"a check in before_all": `before_all(function() check(1):equals(2) end) it("x", function() end)`,
		"caught in before_all":  `before_all(function() pcall(function() expect(1):equals(2) end) end) it("x", function() end)`,
		"a check in after_all":  `after_all(function() check(1):equals(2) end) it("x", function() end)`,
		"a task of before_all": `before_all(function() smtp.spawn(function() fail("x") end) end) it("x", function() ` +
			`smtp.sleep("50ms") end)`,
		"a server of before_all": `local srv before_all(function() srv = smtp.listen() srv:serve(function(c) c:reply(220, "x") ` +
			`c:expect("EHLO") end) end) it("x", function() pcall(function() smtp.connect(srv):noop() end) end)`,
		"a rule of the file": `local srv before_all(function() srv = smtp.listen(nil, {profile = "plain"}) srv:on("NOOP", ` +
			`function() error("rule") end) end) it("x", function() smtp.connect(srv):noop() end)`,
		"a defer of the file":        `defer(function() error("x") end) it("x", function() end)`,
		"a task that has just begun": `it("x", function() smtp.spawn(function() fail("boom") end) end)`,
		"a check in eventually": `it("x", function() eventually({timeout = "20ms", every = "5ms"}, function() check(1):equals(2) ` +
			`return true end) end)`,
		"a check in raises": `it("x", function() expect(function() check(1):equals(2) error("x") end):raises() end)`,
		"another task's, in raises": `it("x", function() smtp.spawn(function() smtp.sleep("10ms") check(1):equals(2) end) ` +
			`expect(function() smtp.sleep("50ms") error("x") end):raises() end)`,
		"contains something else": `it("x", function() expect("abc"):contains(true) end)`,
		"contains a table":        `it("x", function() expect("abc"):contains({"zzz"}) end)`,
		"large tables": `it("x", function() local function mk() local t = {} for i = 1, 40 do t = {t, t} end return t end ` +
			`expect(mk()):differs(mk()) end)`,
		"json without end": `it("x", function() local t = {} for i = 1, 60 do t = {t, t, "some text to make it grow"} end ` +
			`json.encode(t) end)`,
		"a defer without end": `it("x", function() local function f() defer(f) end defer(f) end)`,
		"a loop in a task before": `before_all(function() smtp.spawn(function() while true do end end) smtp.sleep("10ms") end) it("x", ` +
			`{timeout = "200ms"}, function() end)`,
		"a loop while reading": `while true do end it("x", function() end)`,
		"too many defers in overtime": `it("x", {timeout = "20ms"}, function() for i = 1, 50 do defer(function() smtp.sleep(2) end) end ` +
			`smtp.sleep(1) end)`,
		"deep nesting":           `it("x", function() assert(loadstring("return " .. ("not "):rep(1e5) .. "b")) end)`,
		"nothing could be tried": `it("x", function() untried("no way") end) it("y", function() untried("no way") end)`,
		"untried behind a check": `it("x", function() check(1):equals(2) untried("no way") end) it("y", function() end)`,
		"untried behind a pcall": `it("x", function() pcall(untried, "no way") fail("x") end)`,
		"untried in raises":      `it("x", function() expect(function() untried("no way") end):raises() end)`,
		"untried in before_all":  `before_all(function() untried("no way") end) it("x", function() end)`,
		"yield across pcall": `it("x", function() local w = coroutine.wrap(function() local ok, e = pcall(function() ` +
			`coroutine.yield(7) end) assert(ok, e) end) w() w() end)`,
		"nested coroutines":        `it("x", function() local function f() return coroutine.wrap(f)() end f() end)`,
		"rules on a shared server": `it("x", function() smtp.sandbox():on("NOOP", 421) end)`,
		"package.loaders":          `it("x", function() package.loaders[2]("x") end)`,
		"the strings' metatable":   `it("x", function() setmetatable("x", {}) end)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Timeout = 8 * time.Second
			if strings.HasPrefix(name, "a loop") {
				o.Timeout = 300 * time.Millisecond
			}
			var out bytes.Buffer
			sum, err := testrun.Run(t.Context(), []*testrun.File{file("n_test.lua", src)}, o, &testrun.Human{W: &out})
			if err != nil || sum.OK() {
				t.Fatalf("the run passed: %+v %v\n%s", sum, err, out.String())
			}
		})
	}
}

// TestMockServersTellNoSecrets: the client's AUTH is not in a report.
func TestMockServersTellNoSecrets(t *testing.T) {
	for _, src := range []string{
		`it("x", function()
			local srv = smtp.listen()
			srv:serve(function(c) c:reply(220, "hi") c:expect("EHLO") c:reply(250, "x", "AUTH PLAIN LOGIN") c:expect("NOOP") end)
			local s = smtp.connect(srv) s:ehlo("me")
			pcall(function() s:auth{user = "ann", pass = vars.secret("x"), mech = "PLAIN"} end)
			fail("show")
		end)`,
		`it("x", function()
			local srv = smtp.listen(nil, {profile = "plain"})
			srv:on("AUTH", function(c) print(c.arg, c.line) end)
			local s = smtp.connect(srv) s:ehlo("me") s:starttls() s:ehlo("me")
			s:auth{user = "ann", pass = vars.secret("x"), mech = "PLAIN"}
			s:cmd("  AUTH PLAIN AGFubgBoaWRkZW4td29yZA==") s:cmd("AUTH\tPLAIN\tAGFubgBoaWRkZW4td29yZA==")
			for _, c in ipairs(srv:commands()) do print(c.line, c.arg) end
			fail("show")
		end)`,
	} {
		var out bytes.Buffer
		sum, err := testrun.Run(t.Context(), []*testrun.File{file("s_test.lua", src)}, options(t), &testrun.Human{W: &out})
		if err != nil || sum.OK() {
			t.Fatalf("%+v %v", sum, err)
		}
		head, _, _ := strings.Cut(out.String(), "   > ") // the source belongs to the user
		for _, secret := range []string{"hidden-word", "AGFubgBoaWRkZW4td29yZA"} {
			if strings.Contains(head, secret) {
				t.Errorf("%s is in\n%s", secret, out.String())
			}
		}
	}
}
