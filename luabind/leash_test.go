package luabind_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/servermod"
	"smtpsh/luabind/testmod"
)

// short is a limit that an endless loop reaches soon, and work between two waits does not.
const short = 300 * time.Millisecond

func tooSlow(t *testing.T, what, where string, err error) {
	t.Helper()
	var slow *luabind.LuaTimeError
	if !errors.As(err, &slow) || slow.Limit != short || !strings.Contains(err.Error(), where) {
		t.Errorf("%s: %v, want a LuaTimeError at %q", what, err, where)
	}
}

// An endless loop of Lua is stopped wherever it runs; pcall, coroutines and tasks cannot
// prevent it.
func TestStopsEndlessLua(t *testing.T) {
	h := newHost(t)
	options := luabind.Options{Library: all.Library(), LuaTime: short}
	for name, src := range map[string]string{
		"plain":     "\nwhile true do end",
		"pcall":     "\nwhile true do pcall(function() while true do end end) end",
		"returned":  "return function()\nwhile true do end end",
		"coroutine": "coroutine.wrap(function()\nwhile true do end end)()",
		"task":      "smtp.spawn(function()\nwhile true do end end) smtp.sleep(60)",
		"parallel":  "smtp.parallel(2, function()\nwhile true do end end)",
		"deferred":  "defer(function()\nwhile true do end end)",
	} {
		vm := luabind.New(h, options)
		err := vm.Run(t.Context(), "x.lua", []byte(src), nil)
		tooSlow(t, name, "Lua has run for 300ms", err)
		if name == "plain" {
			tooSlow(t, name, "x.lua:2: ", err)
		}
		vm.Close()
	}
	vm := luabind.New(h, options)
	defer vm.Close()
	_, err := testmod.Load(t.Context(), vm, "a_test.lua", []byte("describe('x', function()\nwhile true do end end)"))
	tooSlow(t, "a test file", "a_test.lua:2: ", err)
}

// At the prompt the piece is stopped, and the next one runs.
func TestStopsEndlessTypedLua(t *testing.T) {
	vm := luabind.New(newHost(t), luabind.Options{Library: all.Library(), LuaTime: short})
	defer vm.Close()
	c := vm.Console()
	defer c.Close()
	_, err := c.Eval(t.Context(), "while true do end")
	tooSlow(t, "a piece", "typed:1: ", err)
	if _, err := c.Eval(t.Context(), "x = 1"); err != nil {
		t.Error(err)
	}
	// a background task that holds the lock ends, and the next piece gets the lock
	if _, err := c.Eval(t.Context(), "smtp.spawn(function() smtp.sleep(0.001) while true do end end) smtp.sleep(0.05)"); err != nil {
		tooSlow(t, "the piece that lost its turn", "", err)
	}
	if v, err := c.Eval(t.Context(), "x + 1"); err != nil || len(v) != 1 || v[0].Text != "2" {
		t.Errorf("%v, %v", v, err)
	}
	if _, err := c.Eval(t.Context(), "smtp.spawn(function() while true do smtp.sleep(0.001) end end)"); err != nil {
		t.Errorf("no task can be begun after one was stopped: %v", err)
	}
}

// A rule that never ends is stopped. The command gets its reply, and the next one too.
func TestStopsEndlessRule(t *testing.T) {
	h := newHost(t)
	box, err := sandbox.Start(sandbox.Options{Profile: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	rules := luabind.New(h, luabind.Options{Library: all.Library(), LuaTime: short})
	defer rules.Close()
	failed := make(chan error, 10)
	if err := servermod.RunRules(t.Context(), rules, "rules.lua", []byte(`server:on("NOOP", function()`+"\nwhile true do end end)"), box,
		func(err error) { failed <- err }); err != nil {
		t.Fatal(err)
	}
	vm := luabind.New(h, luabind.Options{Library: all.Library()})
	defer vm.Close()
	script := `local s = smtp.connect("` + box.Addr("mx") + `") expect(s:noop().code):equals(451) expect(s:noop().code):equals(451) ` +
		`expect(s:rset().code):equals(250)`
	if err := vm.Run(t.Context(), "x.lua", []byte(script), nil); err != nil {
		t.Error(err)
	}
	tooSlow(t, "a rule", "rules.lua:2: ", <-failed)
	err = servermod.RunRules(t.Context(), luabind.New(h, luabind.Options{Library: all.Library(), LuaTime: short}), "rules.lua",
		[]byte("while true do end"), box, func(error) {})
	tooSlow(t, "the script of the rules", "rules.lua:1: ", err)
}

// Code that waits is not stopped, however long it takes in all.
func TestDoesNotStopWaitingLua(t *testing.T) {
	vm := luabind.New(newHost(t), luabind.Options{Library: all.Library(), LuaTime: short})
	defer vm.Close()
	src := `local s = smtp.connect("sandbox:plain")
for n = 1, 40 do s:noop() smtp.sleep(0.01) for i = 1, 1000 do local x = i end end
smtp.sleep(0.4)
expect(s:noop().code):equals(250)`
	if err := vm.Run(t.Context(), "x.lua", []byte(src), nil); err != nil {
		t.Error(err)
	}
}
