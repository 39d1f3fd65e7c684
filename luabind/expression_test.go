package luabind_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"smtpsh/luabind"
)

// A long text is searched in another way, which can be stopped, with the same results.
func TestLongTextsAreSearchedAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "ab", " ", "\n", "é", "\xff", "\xe2\x82", "id 42", "x"}
	var b strings.Builder
	for b.Len() < 6000 {
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	text := b.String()
	for _, re := range []string{
		"a", "(a)(b)?", "x*", "", "a*|b", `\b`, `^`, `(?m)^`, `(?m)$`, `$`, `\z`,
		`\Aa`, `\bid (\d+)`, "(?i)AB+", "é", `[^a]`, `(?s).`, ".", "a+?b", "(?P<n>a)b",
		`\B`, "zzz", "(a|ab)(b|)", `\x{FFFD}`, "^|b",
	} {
		t.Run(re, func(t *testing.T) {
			x := regexp.MustCompile(re)
			var want []string
			for _, m := range x.FindAllStringSubmatch(text, -1) {
				want = append(want, fmt.Sprintf("%q", m[min(1, len(m)-1)]))
			}
			replaced := x.ReplaceAllString(text, "<$0$1>")
			h := newHost(t)
			h.vars["text"], h.vars["re"], h.vars["replaced"] = text, re, replaced
			out, err := runWith(t, h, `
local s, re = vars.get("text"), vars.get("re")
for _, m in ipairs(text.match_all(s, re)) do print((m:gsub(".", function(c) return ("%02x"):format(c:byte()) end))) end
assert(text.replace(s, re, "<$0$1>") == vars.get("replaced"), "replace differs")`)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			if out != "" || len(want) > 0 {
				for _, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
					raw := make([]byte, len(line)/2)
					fmt.Sscanf(line, "%x", &raw) //nolint:errcheck // an empty line is an empty match
					got = append(got, fmt.Sprintf("%q", raw))
				}
			}
			if strings.Join(got, ",") != strings.Join(want, ",") {
				t.Errorf("%d matches, want %d", len(got), len(want))
				for i := range min(len(got), len(want)) {
					if got[i] != want[i] {
						t.Fatalf("match %d is %s, want %s", i, got[i], want[i])
					}
				}
			}
		})
	}
}

// The two instructions that could use any amount of memory are limited.
func TestInstructions(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"a text that is joined", `local s = ("x"):rep(40 * 2^20) return s .. s`, "the joined text has 83886080 bytes"},
		{"numbers in it", `local s = ("x"):rep(10) print(1 .. s .. 2)`, ""},
		{"a table that is full", `local t = {} for i = 1, 2^22 do t[i] = true end`, "the table is full: it has 4194303 elements"},
		{"the same, by its length", `local t = {} t[2^22 - 1] = true t[#t + 1] = true`, "the table is full"},
		{"the same, by insert", `local t = {} t[2^22 - 1] = true table.insert(t, 1)`, "table.insert: the table is full"},
		{"the same, by rawset", `local t = {} t[2^22 - 1] = true rawset(t, 2^22, 1)`, "rawset: the table is full"},
		{
			"a number as a key",
			`local t = {} t[2^22] = 1 t[1.5e9] = 2 t[2^53] = 3 assert(t[2^22] == 1 and t[1.5e9] == 2 and t[2^53] == 3 and #t == 0)`,
			"",
		},
		{"places that are taken already", `local t = {} for i = 1, 1e5 do t[#t + 1] = i end assert(#t == 1e5 and t[1e5] == 1e5)`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := run(t, tt.src)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	if _, err := luabind.Compile("t.lua", []byte("return 1 .. 2 .. 3")); err != nil {
		t.Error(err)
	}
}

// The replaced functions of Lua's libraries work as the manual describes.
func TestCorrectedLibraries(t *testing.T) {
	_, err := run(t, `
assert(table.concat({1, "a", 2.5}, ", ") == "1, a, 2.5")
assert(table.concat({}) == "" and table.concat({1, 2, 3}, "-", 2) == "2-3" and table.concat({1, 2, 3}, "", 2, 2) == "2" and
table.concat({1}, "", 3) == "")
assert(select(2, pcall(table.concat, {1, {}})):find("invalid value %(table%) at index 2"))
local t = {"b", "c"} table.insert(t, 1, "a") table.insert(t, "d") table.insert(t, 3, "x")
assert(table.concat(t) == "abxcd")
local s = {3, 1, 2} table.sort(s) assert(table.concat(s) == "123")
table.sort(s, function(a, b) return a > b end) assert(table.concat(s) == "321")
local w = {"b", "a", "B"} table.sort(w) assert(table.concat(w) == "Bab")
assert(not pcall(table.sort, {1, "a"}) and not pcall(table.sort, {1, 2}, 5))
assert(select("#", unpack({1, nil, 3}, 1, 3)) == 3 and select("#", unpack({})) == 0 and select("#", unpack({1, 2}, 2, 1)) == 0)
assert(("abc"):byte() == 97 and ("abc"):byte(-1) == 99 and select("#", ("abc"):byte(1, -1)) == 3 and
select("#", ("abc"):byte(10)) == 0 and select("#", ("abc"):byte(-9, -2)) == 2)
assert(("abc"):reverse() == "cba" and ("aÄz"):upper() == "AÄZ" and (""):reverse() == "")
local r = setmetatable({}, {__newindex = function() error("called") end}) rawset(r, "k", 1) assert(r.k == 1 and rawset(r, 1, 2) == r)
assert(string.format("%q", "a\0b\200\n") == '"a\\000b\\200\\n"')
assert(("abc"):gsub("(b)", "[%1%0%%]") == "a[bb%]c")
assert(json.encode("é\0" .. ("ü"):rep(40000)) == '"é\\u0000' .. ("ü"):rep(40000) .. '"')
assert(#json.decode("[1,[2],{}]") == 3 and json.decode('{"a":{"b":null}}').a.b == nil)
for _, bad in ipairs{"", "[1,", "[1 2]", "{1:2}", '{"a" 1}', "[1]x", "nul", '"a'} do assert(not pcall(json.decode, bad), bad) end`)
	if err != nil {
		t.Error(err)
	}
}
