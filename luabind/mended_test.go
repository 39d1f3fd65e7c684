package luabind_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// TestCorrectedLua: each line is Lua that must hold; most lines fail in the original library.
func TestCorrectedLua(t *testing.T) {
	for _, src := range []string{
		`assert("\x0d\x0aA" == "\r\nA")`,
		`assert('\x41' == "A" and [[\x41]] == "\\x41")`,
		`-- "\x4" in a comment, and --[[ "\x" ]] in another`,
		`assert(("\255\200ab"):upper() == "\255\200AB" and ("ÄB"):lower() == "Äb")`,
		`assert(string.format("%c", 200) == "\200" and string.format("%5s|", "ü") == "   ü|")`,
		`local s = "a\0b\r\n\"\\\200"; assert(loadstring("return " .. string.format("%q", s))() == s)`,
		`assert(string.format("%d %5.2f %x %s %%", 3, 1.5, 255, true) == "3  1.50 ff true %")`,
		`assert(tonumber("1e3") == 1000 and tonumber("0x10") == 16 and tonumber("ff", 16) == 255 and tonumber("x") == nil and tonumber(" 5 ` +
			`") == 5 and tonumber(false) == nil)`,
		`local ok, e = pcall(assert, nil, {code = 550}); assert(not ok and e.code == 550)`,
		`local ok, e = pcall(error); assert(not ok and e)`,
		`assert(select("#", table.unpack(table.pack(1, nil, 3))) == 3)`,
		`assert(bit.band(0xff, 0x0f) == 15)`,
		`assert(("x"):rep(3, "-") == "x-x-x")`,
		`assert(("hello world"):gsub("o", "0", 1) == "hell0 world")`,
		`assert(("a=b, c=d"):gsub("(%w+)=(%w+)", "%2=%1") == "b=a, d=c")`,
		`assert(("hello"):gsub("", "-") == "-h-e-l-l-o-")`,
		`assert(("abc"):gsub("%w", "%0%0") == "aabbcc")`,
		`assert(("$name is $x"):gsub("%$(%w+)", {name = "lua"}) == "lua is $x")`,
		`assert(("abc"):gsub("(b)", function(c) return c:upper() end) == "aBc")`,
		`assert(("aaa"):gsub("^a", "x") == "xaa")`,
		`assert(("THE (quick) fox"):find("%f[%a]%a+") == 1)`,
		`local s = ("a b\r\n"):rep(200000); local r, n = s:gsub("\r\n", "\n"); assert(#r == 800000 and n == 200000)`,
		`local s = ("x"):rep(2e6); assert(#s:match(".*") == 2e6)`,
		`local n = 0; for w in ("one two  three"):gmatch("%a+") do n = n + #w end; assert(n == 11)`,
		`local n = 0; for a in ("abc"):gmatch("") do n = n + 1 end; assert(n == 4)`,
		`assert(os.getenv("HOME") == nil and os.time() > 0 and os.date("%Y"))`,
		`local d = os.date("!%a, %d %b %Y|%j|%w|%x|%c|%%a|%", 1764115200) ` +
			`assert(d == "Wed, 26 Nov 2025|330|3|11/26/25|Wed Nov 26 00:00:00 2025|%a|%", d)`,
		`assert(os.date("!*t", 0).year == 1970 and os.date("!%Y-%m-%d", 0) == "1970-01-01")`,
		`assert(math.huge > 1e308)`,
		`local f = loadstring("return 1 +"); assert(f == nil)`,
		`local s = smtp.connect(); local t = coroutine.wrap(function() return s:noop().code end); assert(t() == 250)`,
		`local function f() return {x = {y = function() local i = 0; return function() i = i + 1; if i < 3 then return i end end end}} end; ` +
			`local n = 0; for l in f().x:y() do n = n + l end; assert(n == 3)`,
		`smtp.connect():play("C: NOOP\nS: 250")`,
		`local t, s = {}, smtp.connect(); for l in s.transcript:entries() do t[#t + 1] = l.dir end; assert(t[1] == "*" and t[2] == "S")`,
	} {
		if out, err := run(t, src); err != nil {
			t.Errorf("%s\n  %v\n%s", src, err, out)
		}
	}
}

// TestStops: the deadline ends a script in any state, and its clean-up still runs.
func TestStops(t *testing.T) {
	for name, src := range map[string]string{
		"a loop":           `while true do end`,
		"a loop of pcall":  `while true do pcall(function() while true do end end) end`,
		"pcall at the end": `return pcall(function() while true do end end)`,
		"a coroutine":      `coroutine.wrap(function() while true do end end)()`,
		"a slow pattern":   `local _ = ("a"):rep(4000):find(("a*"):rep(12) .. "b")`,
		"a slow gsub":      `local _ = ("a"):rep(4000):gsub(("a*"):rep(12) .. "b", "")`,
		"a wait":           `smtp.connect():read_reply("1h")`,
		"a wait, caught":   `pcall(function() smtp.connect():read_reply("1h") end)`,
		"sleep":            `smtp.sleep(3600)`,
		"parallel sleeps":  `smtp.parallel(50, function() smtp.sleep(3600) end)`,
		"a task":           `smtp.spawn(function() smtp.sleep(3600) end):wait()`,
		"accept":           `smtp.listen(nil, {timeout = 3600}):accept()`,
		"eventually":       `eventually({timeout = 3600}, function() return false end)`,
		"a sort":           `local t = {}; for i = 1, 300 do t[i] = i end; while true do table.sort(t, function(a, b) return a > b end) end`,
		"waiting for mail": `smtp.listen(nil, {profile = "plain", timeout = 3600}):messages(1)`,
		"an explicit server": `local srv = smtp.listen(nil, {timeout = 3600}); srv:serve(function(c) c:expect("EHLO") end); ` +
			`smtp.connect(srv, {timeout = 3600})`,
		"a dialogue's :wait":  `smtp.connect():play(":wait 1h\nC: NOOP\nS: 250")`,
		"a dialogue's reply":  `smtp.connect():play("S: 250")`,
		"a metamethod's loop": `local t = setmetatable({}, {__index = function() while true do end end}); print(t.x)`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			vm := luabind.New(h, luabind.Options{Library: all.Library()})
			defer vm.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			err := vm.Run(ctx, "t.lua", []byte("defer(function() print('cleaned up') end)\n"+src), nil)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v", err)
			}
			if h.out.String() != "cleaned up\n" {
				t.Fatalf("printed %q", h.out.String())
			}
		})
	}
}

func TestEscapesThatLuaWouldMisread(t *testing.T) {
	for src, want := range map[string]string{
		"\nlocal s = \"\\u{20ac}\"": "t.lua:2:12: Lua 5.1 has no \\u{}",
		`local s = "a\z b"`:         "no \\z",
		`local s = "\x4"`:           "two hexadecimal digits",
	} {
		if _, err := run(t, src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// TestRequire searches only in the script's folder.
func TestRequire(t *testing.T) {
	h := newHost(t)
	write := func(name, text string) {
		path := filepath.Join(h.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("helper.lua", "return {double = function(n) return n * 2 end}")
	write("lib/deep.lua", "return 'deep'")
	write("broken.lua", "local x = \n")
	write("failing.lua", "local t = nil\nprint(t.x)")
	write("circle.lua", "require 'circle'")
	outside := filepath.Join(t.TempDir(), "outside.lua")
	if err := os.WriteFile(outside, []byte("return 'secret'"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(h.dir, "link.lua")); err != nil {
		t.Fatal(err)
	}
	out, err := runWith(t, h,
		`print(require("helper").double(21), require("lib.deep"), require("helper") == require("helper"), require("smtp") == smtp)`)
	if err != nil || out != "42\tdeep\ttrue\ttrue\n" {
		t.Errorf("%q %v", out, err)
	}
	for name, want := range map[string]string{
		"nothing": "module nothing not found", "../x": "not a module name",
		"link": "module link not found", "broken": "broken.lua:1",
		"failing": "failing.lua:2",
		"circle":  "requires itself", "/etc/passwd": "not a module name",
	} {
		if _, err := runWith(t, h, "\nrequire('"+name+"')"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestClosesWhatItOpened: nothing is left at the end of a script.
func TestClosesWhatItOpened(t *testing.T) {
	h := newHost(t)
	h.unsafe = true
	out, err := runWith(t, h, `
		local srv = smtp.listen(nil, {profile = "plain"})
		local s = smtp.connect(srv)
		local p = exec.start("sleep 100")
		print(srv.addr, p.pid)`)
	if err != nil {
		t.Fatal(err)
	}
	addr, _, _ := strings.Cut(strings.TrimSpace(out), "\t")
	if _, err := run(t, `smtp.connect("`+addr+`")`); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("the server goes on: %v", err)
	}
}

func TestSaveStaysInTheFolder(t *testing.T) {
	h := newHost(t)
	if _, err := runWith(t, h, `local s = smtp.connect(); s:noop(); s.transcript:save("a.txt")`); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(h.dir, "a.txt"))
	if err != nil || !strings.Contains(string(text), "C: NOOP\n") {
		t.Errorf("%q %v", text, err)
	}
	for _, path := range []string{"../a.txt", "/tmp/a.txt", "no/such/a.txt", `a\nb.txt`, `a\27[1m.txt`} {
		if _, err := runWith(t, h, `smtp.connect().transcript:save("`+path+`")`); err == nil {
			t.Errorf("%s was written", path)
		}
	}
	left, _ := os.ReadDir(h.dir)
	if len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// A script overwrites only files that it has written in the same run, never through a link,
// and no file that other programs read automatically.
func TestSaveWritesOverNothing(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(outside, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	for name, make := range map[string]func(path string) error{
		"there.txt":   func(path string) error { return os.WriteFile(path, []byte("as it was"), 0o600) },
		"other.lua":   func(path string) error { return os.WriteFile(path, []byte("as it was"), 0o600) },
		"a.txt.part":  func(path string) error { return os.WriteFile(path, []byte("as it was"), 0o600) },
		"link.txt":    func(path string) error { return os.Symlink(outside, path) },
		"nowhere.txt": func(path string) error { return os.Symlink(outside+"-new", path) },
		"folder":      func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		if err := make(filepath.Join(h.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{
		"there.txt", "other.lua", "link.txt", "nowhere.txt", "folder",
		"folder/../there.txt", ".bashrc", "folder/.profile", ".hidden/x", "./.x",
	} {
		if _, err := runWith(t, h, `smtp.connect().transcript:save("`+name+`")`); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if _, err := runWith(t, h,
		`local s = smtp.connect(); for i = 1, 3 do s:noop(); s.transcript:save("a.txt"); s.transcript:save("folder/b.txt") end`); err != nil {
		t.Error(err)
	}
	for _, path := range []string{
		outside, filepath.Join(h.dir, "there.txt"), filepath.Join(h.dir, "other.lua"),
		filepath.Join(h.dir, "a.txt.part"),
	} {
		if b, err := os.ReadFile(path); err != nil || string(b) != "as it was" {
			t.Errorf("%s is %q, %v", path, b, err)
		}
	}
	if _, err := os.Lstat(outside + "-new"); err == nil {
		t.Error("a file was made through a link")
	}
	if text, err := os.ReadFile(filepath.Join(h.dir, "a.txt")); err != nil || strings.Count(string(text), "C: NOOP") != 3 {
		t.Errorf("%q, %v", text, err)
	}
}

// An error that is caught leaves the locals that closures share unchanged. The original
// library detaches them: counters that a function keeps next to a pcall would stay at 0.
func TestCaughtErrorsKeepSharedLocals(t *testing.T) {
	for _, src := range []string{
		`local n = 0; local function f() pcall(function() error("x") end); n = n + 1 end; f(); f(); assert(n == 2)`,
		`local n = 0; local function f() pcall(error, "x"); n = n + 1; pcall(error, "y"); n = n + 1 end; f(); assert(n == 2)`,
		`local n = 0; local function f() xpcall(function() error("x") end, function(e) return e end); n = n + 1 end; f(); f(); assert(n == 2)`,
		`local n = 0; local function f() if not pcall(smtp.connect, "127.0.0.1:1") then n = n + 1 end end; f(); f(); assert(n == 2)`,
		`local n = 0; local function f() eventually({timeout = "5s", every = "1ms"}, function() n = n + 1; expect(n):at_least(3); return n ` +
			`end) end; f(); assert(n == 3)`,
		`local n = 0; local function f() expect(function() error("x") end):raises(); n = n + 1 end; f(); f(); assert(n == 2)`,
		`local kept; pcall(function() local here = 1; kept = function() here = here + 1; return here end; error("x") end); local a, b, c = ` +
			`7, 8, 9; assert(kept() == 2 and kept() == 3 and a + b + c == 24)`,
		`local kept; xpcall(function() local here = 1; kept = function() here = here + 1; return here end; error("x") end, function() end); ` +
			`local a, b, c = 7, 8, 9; assert(kept() == 2 and kept() == 3 and a + b + c == 24)`,
		`assert(select("#", pcall(function(...) return ... end, 1, nil, 3)) == 4)`,
		`local ok, e = pcall(5); assert(not ok and e:find("attempt to call a number"))`,
		`local ok, e = pcall(setmetatable({}, {__call = function(_, x) return x end}), 7); assert(ok and e == 7)`,
		`local ok, e = xpcall(function() error("x", 0) end, function(e) return e .. "y" end); assert(not ok and e == "xy")`,
		`local function deep(n) if n == 0 then error("end", 0) end; local ok, e = pcall(deep, n - 1); error(e, 0) end; local ok, e = ` +
			`pcall(deep, 100); assert(not ok and e == "end")`,
		`local function f() return pcall(f) end; assert(f())`,
		`local co = coroutine.wrap(function() local ok, e = pcall(coroutine.yield, 1); assert(not ok and tostring(e):find("not possible across ` +
			`pcall")); coroutine.yield(2) end); assert(co() == 2)`,
		`local out = {}; for i = 1, 300 do out[i] = smtp.spawn(function() return (pcall(function() smtp.sleep("1ms") end)) end) end; for i ` +
			`= 1, 300 do assert(out[i]:wait()) end`,
	} {
		if out, err := run(t, src); err != nil {
			t.Errorf("%s\n  %v\n%s", src, err, out)
		}
	}
}
