package luabind_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// largestRows are the rows of the runtime and of all modules.
func largestRows(t *testing.T) string {
	files, err := filepath.Glob("*mod/testdata/largest.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range append(files, "testdata/largest.txt") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// prelude defines what the examples of the rows use.
const prelude = `
local made, make = {}, {
	big = function() return ("x"):rep(64 * 2^20) end,
	zeros = function() return ("\0"):rep(64 * 2^20) end,
	feeds = function() return ("\n"):rep(64 * 2^20) end,
	list = function() local t = {} for i = 1, 1e6 do t[i] = i end return t end,
	s = function() local s = smtp.connect() s:ehlo("me") return s end,
	r = function() return s:noop() end,
	srv = function() return smtp.listen(nil, {profile = "plain"}) end,
	conn = function() return function()
		local srv = smtp.listen()
		smtp.spawn(function() local s = smtp.connect(srv, {greeting = false}) smtp.sleep(100) end)
		return srv:accept("5s")
	end end,
	box = function() error("no mailbox server here") end,
	proc = function() error("no programs here") end,
}
setfenv(1, setmetatable({}, {__index = function(t, k)
	if make[k] then local v = make[k]() make[k] = nil rawset(t, k, v) return v end
	return _G[k]
end}))
`

// The limits for one row: those of the script.
const (
	largestTime   = time.Second
	largestMemory = 256 << 20
)

// TestTheLargestArguments calls every function for scripts with the largest allowed
// arguments. The script has one second and 256 MiB. It must end within a time that is
// enough on a busy machine, and the program must never have to be ended because of its
// memory.
func TestTheLargestArguments(t *testing.T) {
	rows := map[string][]row{}
	var names []string
	for line := range strings.Lines(largestRows(t)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, src, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("no row: %s", line)
		}
		name, always := strings.CutSuffix(name, "!")
		if rows[name] == nil {
			names = append(names, name)
		}
		rows[name] = append(rows[name], row{src, always})
	}
	for _, f := range functionsOfScripts(t) {
		if rows[f] == nil {
			t.Errorf("no testdata/largest.txt has a row for %s: it belongs to that of its module", f)
		}
	}
	for _, name := range names {
		for _, r := range rows[name] {
			if r.always || os.Getenv("BATTERY_FULL") != "" {
				t.Run(name, func(t *testing.T) { callLargest(t, r.src) })
			}
		}
	}
}

// row is one call.
type row struct {
	src    string
	always bool // without BATTERY_FULL too
}

func callLargest(t *testing.T, src string) {
	defer debug.FreeOSMemory()
	runtime.GC()
	vm := luabind.New(newHost(t), luabind.Options{Library: all.Library(), Dir: t.TempDir(), LuaTime: -1})
	ctx, cancel := context.WithTimeout(t.Context(), largestTime)
	defer cancel()
	beyond := make(chan error, 1)
	ctx, over := luabind.WatchMemory(ctx, largestMemory, func(err error) { beyond <- err })
	defer over()
	peak := highest()
	ended := make(chan error, 1)
	begun := time.Now()
	go func() {
		err := vm.Run(ctx, "t.lua", []byte(prelude+src), nil)
		vm.Close()
		ended <- err
	}()
	select {
	case err := <-ended:
		text := "ended"
		if err != nil {
			text = err.Error()
		}
		t.Logf("%6d ms, %3d MiB: %s\n\t%.150s", time.Since(begun).Milliseconds(), peak()>>20, src, text)
		if strings.Contains(text, "fault of smtpsh") {
			t.Errorf("%.1000s", text)
		}
	case err := <-beyond:
		t.Errorf("%s: twice the memory: %v", src, err)
		<-ended
	case <-time.After(30 * time.Second):
		buf := make([]byte, 1<<20)
		t.Fatalf("%s: it has not ended\n%s", src, buf[:runtime.Stack(buf, true)])
	}
}

// highest observes the memory until the function that it returns is called, which returns
// the maximum.
func highest() func() uint64 {
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		top := uint64(0)
		for {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			select {
			case <-stop:
				most <- top
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-most
	}
}

// functionsOfScripts returns the names of all functions: those of the tables, and those of
// Lua's libraries.
func functionsOfScripts(t *testing.T) []string {
	var out []string
	for _, f := range all.Library().Funcs() {
		out = append(out, f.Full())
	}
	libs, err := run(t, `
for k, v in pairs(_G) do
	if type(v) == "function" then print(k) end
	if type(v) == "table" and k ~= "_G" then
		for name, f in pairs(v) do if type(f) == "function" and name ~= "__index" then print(k .. "." .. name) end end
	end
end`)
	if err != nil {
		t.Fatal(err)
	}
	return append(out, strings.Fields(libs)...)
}
