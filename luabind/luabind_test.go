package luabind_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/docs"
	"smtpsh/luabind/testmod"
)

// host is a Host for tests.
type host struct {
	dialer  *dialer.Dialer
	mu      sync.Mutex
	out     strings.Builder
	vars    map[string]string
	secrets map[string]string
	dir     string
	unsafe  bool
}

func (h *host) Print(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.out.WriteString(line + "\n")
}
func (h *host) Var(name string) (string, bool) { v, ok := h.vars[name]; return v, ok }
func (h *host) Secret(_ context.Context, name string) (string, bool, error) {
	v, ok := h.secrets[name]
	return v, ok, nil
}

func (h *host) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	return h.dialer.Dial(ctx, target, change)
}

func (h *host) Getenv(name string) string { return map[string]string{"LANG": "C"}[name] }
func (h *host) Server() string            { return "" }
func (h *host) Options() engine.Options   { return h.dialer.Options }
func (h *host) Sandbox(target string) (*sandbox.Server, error) {
	return h.dialer.ServerOf(target)
}

func (h *host) Target() string { return h.dialer.Resolve("") }

func newHost(t testing.TB) *host {
	d := &dialer.Dialer{Target: "sandbox:plain", Options: engine.Options{Timeouts: engine.UniformTimeouts(20 * time.Second)}}
	t.Cleanup(d.Close)
	return &host{dir: t.TempDir(), dialer: d, vars: map[string]string{"given": "value"}, secrets: map[string]string{"example": "s3cret-word"}}
}

// run runs a script and returns what it printed.
func run(t testing.TB, src string) (string, error) {
	t.Helper()
	return runWith(t, newHost(t), src)
}

func runWith(t testing.TB, h *host, src string) (string, error) {
	t.Helper()
	vm := luabind.New(h, luabind.Options{Library: all.Library(), Dir: h.dir, Unsafe: h.unsafe})
	defer vm.Close()
	err := vm.Run(t.Context(), "t.lua", []byte(src), nil)
	return h.out.String(), err
}

func TestEveryExampleRuns(t *testing.T) {
	funcs := all.Library().Funcs()
	if len(funcs) < 40 {
		t.Fatalf("only %d functions", len(funcs))
	}
	for _, f := range funcs {
		t.Run(f.Full(), func(t *testing.T) {
			if f.Example == "" || !strings.Contains(f.Example, f.Name) {
				t.Fatalf("example %q does not show %s", f.Example, f.Name)
			}
			if strings.HasPrefix(f.Example, "-- in a test file") {
				suiteExample(t, f.Example)
				return
			}
			h := newHost(t)
			h.unsafe = f.On == "exec" || f.On == "exec.Proc"
			if out, err := runWith(t, h, `local s = smtp.connect("sandbox:plain")`+"\n"+f.Example); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		})
	}
}

// suiteExample runs an example that is a test file.
func suiteExample(t *testing.T, src string) {
	h := newHost(t)
	vm := luabind.New(h, luabind.Options{Library: all.Library()})
	defer vm.Close()
	suite, err := testmod.Load(t.Context(), vm, "example_test.lua", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	suite.Run(t.Context(), suite.Tests(), testrun.RunOptions{Timeout: 20 * time.Second, Done: func(r *testrun.Result) bool {
		ran++
		if r.Status == testrun.Failed || r.Status == testrun.Broken {
			t.Errorf("%s: %v", r.Test.Full(), r.Failures)
		}
		return true
	}})
	if ran == 0 {
		t.Error("no test ran")
	}
}

func TestTablesAreComplete(t *testing.T) {
	known := map[string]bool{"string": true, "integer": true, "number": true, "boolean": true, "any": true, "table": true, "nil": true}
	for _, c := range all.Library().Classes() {
		known[c.Name] = true
	}
	literal := regexp.MustCompile(`^"[a-zA-Z*]+"$`)
	check := func(where, typ string) {
		for s := range strings.SplitSeq(strings.ReplaceAll(typ, ", ", "|"), "|") {
			s = strings.TrimSuffix(strings.TrimSuffix(s, "?"), "[]")
			if strings.HasPrefix(s, "fun(") || strings.HasPrefix(s, "table<") || strings.HasSuffix(s, ">") || literal.MatchString(s) {
				continue
			}
			if !known[s] {
				t.Errorf("%s: type %q is not known", where, s)
			}
		}
	}
	seen := map[string]bool{}
	for _, f := range all.Library().Funcs() {
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s: text %q", f.Full(), f.Doc)
		}
		if seen[f.Full()] {
			t.Errorf("%s stands twice", f.Full())
		}
		seen[f.Full()] = true
		if f.Returns != "" {
			check(f.Full(), f.Returns)
		}
		for _, p := range f.Params {
			check(f.Full(), p.Type)
			if p.Doc == "" {
				t.Errorf("%s: parameter %s has no text", f.Full(), p.Name)
			}
		}
	}
	for _, c := range all.Library().Classes() {
		if c.Doc == "" {
			t.Errorf("%s has no text", c.Name)
		}
		for _, f := range c.Fields {
			check(c.Name, f.Type)
			if f.Doc == "" {
				t.Errorf("%s.%s has no text", c.Name, f.Name)
			}
		}
		for _, k := range c.Keys {
			check(c.Name, k.Type)
			if k.Doc == "" {
				t.Errorf("%s: key %s has no text", c.Name, k.Name)
			}
		}
	}
}

// scripts that must print this text.
func TestScripts(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{
			"a session by hand",
			`
			local s = smtp.connect("sandbox:plain")
			print(s.greeting.code, s.state, s.closed)
			print(s:ehlo("me").ok, s:has("SIZE"), s:has("DSN"), s:has("NOPE"), s.caps.CHUNKING)
			s:mail("a@example.org"):expect("2xx")
			local r = s:rcpt("unknown-user@sandbox.test")
			print(r.code, r.enhanced, r.ok, r.perm, r.cmd)
			print(r:is(550), r:is("5.1.*"), r:is{550, 551}, r:is{code = "5xx", contains = "such"}, r:is{text = "^no"}, r:is(250))
			print(s:quit().code, s.closed)`,
			"220\tgreeted\tfalse\ntrue\t67108864\ttrue\tfalse\ttrue\n550\t5.1.1\tfalse\ttrue\tRCPT TO:<unknown-user@sandbox.test>\n" +
				"true\ttrue\ttrue\ttrue\ttrue\tfalse\n221\ttrue\n",
		},
		{"open and send", `
			local s = smtp.open("sandbox:gmail", {auth = {user = "alice@gmail.com", pass = vars.secret("x", "abcdefghijklmnop")}})
			print(s.tls.version, s.tls.verified, s.tls.server_name, s.user, s.tls.cert.days_left > 20)
			print(s:send(mail.message{from = "alice@gmail.com", to = "bob@example.com", text = "."}).code)
			print(s:noop().code)`,
			"1.3\ttrue\tsmtp.gmail.com\talice@gmail.com\ttrue\n250\n250\n"},
		{
			"errors are objects",
			`
			local ok, e = pcall(function() return smtp.open("sandbox:gmail", {auth = {user = "bob@gmail.com", pass = "bob-ordinary"}}) end)
			print(ok, e.kind, e.reply.code, e.reply.enhanced, e.op)
			ok, e = pcall(smtp.connect, "127.0.0.1:1")
			print(ok, e.kind, e.reply)
			ok, e = pcall(function() smtp.connect():mail("a\r\nb") end)
			print(ok, e.kind, tostring(e), e.hint)`,
			"false\treply\t534\t5.7.9\tAUTH\nfalse\tdial\tnil\nfalse\tusage\tt.lua:6: MAIL: the address has a CR at position 2\tuse s:write to " +
				"send such bytes\n",
		},
		{"raw", `
			local s = smtp.connect()
			s:write("EH"); s:write("LO me\r\nNOOP\r\n")
			print(s:read_reply().code, s:read_reply("5s").cmd)
			local ok, e = pcall(s.read_reply, s, "10ms")
			print(ok, e.kind)
			s:write("QUIT\r\n"); s:shutdown("write")
			print(s:read_reply().code, s:eof(5))`,
			"250\tNOOP\nfalse\ttimeout\n221\ttrue\n"},
		{"secrets", `
			local x = vars.secret("example")
			print(x, tostring(x), pcall(x.reveal, x))
			local s = smtp.open(nil, {auth = {mech = "PLAIN", user = "ann@sandbox.test", pass = "ann-secret"}})
			local text = s.transcript:text()
			print(text:find("ann-secret", 1, true), text:find("AGFubk", 1, true), text:find("AUTH PLAIN ********", 1, true) ~= nil)`,
			"********\t********\tfalse\tt.lua:3: secret:reveal: scripts do not get to see secrets\nnil\tnil\ttrue\n"},
		{"variables", `print(vars.get("given"), vars.get("other", "default"), vars.get("nothing", false))`, "value\tdefault\tfalse\n"},
		{"LMTP", `
			local s = smtp.connect("sandbox:lmtp"); s:lhlo("x"); s:mail("a@example.org"); s:rcpt("ann@sandbox.test");
			s:rcpt("over-quota@sandbox.test")
			local worst, all = s:data("x\n"); print(worst.code, #all, all[1].code, all[2].code)`, "452\t2\t250\t452\n"},
		{"require", `print(require("smtp") == smtp, require("vars").get("given"))`, "true\tvalue\n"},
		{"arguments", `print(..., arg[0])`, "nil\tt.lua\n"},
		{"shebang and BOM", "\xef\xbb\xbf#!/usr/bin/env smtpsh\nprint(1)", "1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := run(t, tt.src)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if out != tt.want {
				t.Fatalf("got\n%s\nwant\n%s", out, tt.want)
			}
		})
	}
}

// scripts that must fail with this error.
func TestScriptErrors(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"misspelt method", "local s = smtp.connect()\ns:mial('a')", "t.lua:2: smtp.Session has no field or method mial; did you mean mail?"},
		{"misspelt module function", "smtp.conect()", "t.lua:1: smtp has no function conect; did you mean connect?"},
		{"misspelt global", "\nsmpt.connect()", "t.lua:2: undefined variable: smpt; did you mean smtp?"},
		{"misspelt option", "smtp.connect('sandbox:plain', {timeuot = 1})", "smtp.connect: unknown option timeuot; did you mean timeout?"},
		{
			"several misspelt options",
			"smtp.connect('sandbox:plain', {h = 1, g = 1, f = 1, e = 1, d = 1, c = 1, b = 1, a = 1})",
			"smtp.connect: unknown option a",
		},
		{"option of a wrong type", "smtp.connect('sandbox:plain', {verify = 'no'})", "option verify must be boolean, got string"},
		{"bad duration", "smtp.connect('sandbox:plain', {timeout = 'soon'})", `"soon" is not a duration`},
		{"misspelt login option", "smtp.connect():auth{usr = 'a'}", "unknown option usr; did you mean user?"},
		{"argument missing", "smtp.connect():mail()", "session:mail: argument 1 (from) must be string, got nothing"},
		{"argument of a wrong type", "smtp.connect():rcpt({})", "session:rcpt: argument 1 (to) must be string, got table"},
		{"too many arguments", "smtp.connect():rset(1)", "session:rset has 0 argument(s), got 1 more"},
		{"dot for colon", "local s = smtp.connect(); s.mail('a')", "call it with a colon: session:mail(from[, params])"},
		{"bad want", "smtp.connect():noop():expect('fine')", `cannot expect "fine"`},
		{"bad want key", "smtp.connect():noop():expect{cod = 1}", "unknown option cod; did you mean code?"},
		{"bad pattern", "smtp.connect():noop():expect{text = '['}", "a ] is missing"},
		{
			"failed expectation", "smtp.connect():noop():expect(550, 'must be refused')",
			"t.lua:1: NOOP: must be refused: want 550, got 250 2.0.0 ok",
		},
		{"missing variable", "vars.get('nobody')", "the variable nobody has no value"},
		{"missing secret", "vars.secret('nobody')", "the secret nobody has no value"},
		{"bad target", "smtp.connect('http://x')", "the scheme must be smtp"},
		{"bad profile", "smtp.connect('sandbox:exim')", "no profile"},
		{"fields cannot be set", "smtp.connect().state = 1", "the fields of smtp.Session cannot be set"},
		{"syntax", "local x =\nend", `t.lua:2:3: syntax error near "end"`},
		{"unexpected end of the script", "if true then\nprint(1)\n", "unexpected end of the script"},
		{"plain error", "\n\nerror('oops')", "t.lua:3: oops"},
		{"error without a place", "error('oops', 0)", "t.lua: oops"},
		{"header injection", "mail.message{from='a@b', to='c@d', subject='x\\r\\nBcc: e@f'}", "CR, LF or NUL"},
		{"no files", "io.open('/etc/passwd')", "undefined variable: io"},
		{"no processes", "os.execute('true')", "os has no function execute"},
		{"no loading", "loadfile('x')", "undefined variable: loadfile"},
		{"no require from disk", "require('socket')", "module socket not found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := run(t, tt.src)
			var se *luabind.ScriptError
			if !errors.As(err, &se) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v (%s), want a ScriptError with %q", err, out, tt.want)
			}
			if se.Bug {
				t.Fatalf("it counts as our fault: %v", err)
			}
		})
	}
}

func TestScriptsStopWithTheirContext(t *testing.T) {
	for name, src := range map[string]string{
		"loop":          "while true do end",
		"loop in pcall": "while true do pcall(function() while true do end end) end",
		"sleep":         "smtp.sleep(3600)",
		"read":          "smtp.connect():read_reply(3600)",
	} {
		t.Run(name, func(t *testing.T) {
			vm := luabind.New(newHost(t), luabind.Options{Library: all.Library()})
			defer vm.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := vm.Run(ctx, "t.lua", []byte(src), nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestSessionsAreClosedAtTheEnd(t *testing.T) {
	h := newHost(t)
	vm := luabind.New(h, luabind.Options{Library: all.Library(), Dir: h.dir, Unsafe: h.unsafe})
	if err := vm.Run(t.Context(), "t.lua", []byte(`kept = smtp.connect()`), nil); err != nil {
		t.Fatal(err)
	}
	vm.Close()
	srv, err := h.dialer.Sandbox("plain")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { srv.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the session is still open")
	}
}

func TestLuaCATSIsLua(t *testing.T) {
	var b strings.Builder
	if err := docs.WriteLuaCATS(&b, all.Library()); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, b.String())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, f := range all.Library().Funcs() {
		if !strings.Contains(b.String(), f.Name+"(") {
			t.Errorf("%s is missing", f.Full())
		}
	}
}

func BenchmarkNewVM(b *testing.B) {
	h := newHost(b)
	b.ReportAllocs()
	for b.Loop() {
		luabind.New(h, luabind.Options{Library: all.Library(), Dir: h.dir, Unsafe: h.unsafe}).Close()
	}
}
