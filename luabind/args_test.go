package luabind_test

import (
	"reflect"
	"testing"
	"testing/fstest"

	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// The use of arguments is read from the text of a script.
func TestUnusedArgumentsAreFound(t *testing.T) {
	given := []string{"a", "b", "c"}
	for src, unused := range map[string][]string{
		`return 1`:                                       {"a", "b", "c"},
		`local x = ...`:                                  {"b", "c"},
		`local x, y = ...`:                               {"c"},
		`local n, x = 1, ...`:                            {"b", "c"},
		`local x = ... or "d"`:                           {"b", "c"},
		`local t = {...}`:                                {},
		`local n = select("#", ...)`:                     {},
		`local x = arg[2]`:                               {"c"},
		`local x = arg[0]`:                               {"a", "b", "c"},
		`local n = #arg`:                                 {},
		`local i = 1 local x = arg[i]`:                   {},
		`local function f() return arg[1] end f()`:       {"b", "c"},
		`local function f(...) return ... end f(1)`:      {"a", "b", "c"},
		`local function f(...) local a = ... end f(arg)`: {},
		`local s = "arg ..." -- arg[3]`:                  {"a", "b", "c"},
		`for _, a in ipairs(arg) do local b = a end`:     {},
		`local m = require("m") m.f()`:                   {},
		`local m = require("quiet") m.f()`:               {"a", "b", "c"},
	} {
		vm := luabind.New(nil, luabind.Options{Lib: fstest.MapFS{
			"m.lua":     {Data: []byte(`return {f = function() return arg[1], #arg end}`)},
			"quiet.lua": {Data: []byte(`local name = ... return {f = function() return name end}`)},
		}})
		if err := vm.Run(t.Context(), "x.lua", []byte(src), given); err != nil {
			t.Errorf("%s: %v", src, err)
		}
		if got := vm.UnusedArgs(given); len(got)+len(unused) > 0 && !reflect.DeepEqual(got, unused) {
			t.Errorf("%s: %q unused, want %q", src, got, unused)
		}
		vm.Close()
	}
}

// Before a run only certain results count: a module of the script's own can use arg.
func TestArgumentsThatAreCertainlyIgnored(t *testing.T) {
	vm := luabind.New(nil, luabind.Options{Lib: fstest.MapFS{"ours.lua": {Data: []byte(`return 1`)}}})
	defer vm.Close()
	for src, want := range map[string]bool{
		`return 1`: true, `return ...`: false, `return arg[1]`: false,
		`require("ours")`: true, `require("theirs")`: false,
		`local n = "ours" require(n)`: false, `x x`: false,
	} {
		if got := vm.IgnoresArgs("x.lua", []byte(src)); got != want {
			t.Errorf("%s: %v", src, got)
		}
	}
}

// A number in a string means seconds, as it does without quotes.
func TestDurationsAcceptNumbersOfSeconds(t *testing.T) {
	vm := luabind.New(nil, luabind.Options{Library: all.Library()})
	defer vm.Close()
	for src, ok := range map[string]bool{
		`smtp.sleep(0.001)`: true, `smtp.sleep("0.001")`: true,
		`smtp.sleep("1ms")`: true, `smtp.sleep("soon")`: false,
		`smtp.sleep("-1")`: false,
	} {
		if err := vm.Run(t.Context(), "x.lua", []byte(src), nil); (err == nil) != ok {
			t.Errorf("%s: %v", src, err)
		}
	}
}
