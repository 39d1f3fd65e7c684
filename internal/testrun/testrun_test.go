package testrun_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/dialogue"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/testrun"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/testmod"
)

// host is the smallest host for scripts.
type host struct{ d *dialer.Dialer }

func (host) Print(string)                                         {}
func (host) Var(string) (string, bool)                            { return "", false }
func (host) Secret(context.Context, string) (string, bool, error) { return "hidden-word", true, nil }
func (host) Getenv(string) string                                 { return "" }
func (h host) Target() string                                     { return h.d.Resolve("") }
func (h host) Server() string                                     { return "" }
func (h host) Options() engine.Options                            { return h.d.Options }
func (h host) Sandbox(t string) (*sandbox.Server, error)          { return h.d.ServerOf(t) }
func (h host) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	return h.d.Dial(ctx, target, change)
}

// kinds are the kinds of test files, by name and content.
var kinds = []testrun.Source{dialogue.Source{}, testmod.Source{}}

func sources(d *dialer.Dialer) []testrun.Source {
	return []testrun.Source{
		dialogue.Source{Player: func(f *testrun.File) dialogue.Player { return dialogue.Player{Host: host{d}, Dir: f.Dir} }},
		testmod.Source{VM: func(*testrun.File) *luabind.VM { return luabind.New(host{d}, luabind.Options{Library: all.Library()}) }},
	}
}

func options(t *testing.T) testrun.Options {
	d := &dialer.Dialer{Target: "sandbox:plain", Options: engine.Options{Timeouts: engine.UniformTimeouts(5 * time.Second)}}
	t.Cleanup(d.Close)
	return testrun.Options{Jobs: 4, Timeout: 20 * time.Second, Sources: sources(d)}
}

func file(name, src string) *testrun.File { return &testrun.File{Name: name, Source: []byte(src)} }

// nasty is a server that sends what reports must escape.
const nasty = `
it("meets \27[2J a nasty server ]]> & <x>", function()
  local srv = smtp.listen(nil, {profile = "plain"})
  srv:on("NOOP", {raw = "250 \27[31mred\27[0m \7\8 ]]> & <b> \255\254 \226\128\174\r\n"})
  local s = smtp.connect(srv)
  s:ehlo("me") s:starttls() s:ehlo("me")
  s:auth{mech = "PLAIN", user = "ann@sandbox.test", pass = vars.secret("x")}
  print("printed \27[31m \0 bytes")
  s:noop():expect(550, "because \27[0m")
end)
it("passes", function() end)
pending("later")
it("skips", function() skip("no \27 reason") end)
`

// TestReportsAreClean: whatever a server sends, reports can be parsed and contain no
// control byte and no secret.
func TestReportsAreClean(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	var human, github bytes.Buffer
	keeper := &testrun.Keeper{Dir: path("out")}
	sum, err := testrun.Run(t.Context(), []*testrun.File{file("nasty_test.lua", nasty)}, options(t),
		&testrun.Human{W: &human}, &testrun.GitHub{W: &github}, keeper,
		&testrun.JUnit{Path: path("a.xml")}, &testrun.TAP{Path: path("a.tap")}, &testrun.JSON{Path: path("a.json")})
	if err != nil || sum.Failed != 1 || sum.Passed != 1 || sum.Skipped != 1 || sum.Pending != 1 || sum.OK() {
		t.Fatalf("%+v %v\n%s", sum, err, human.String())
	}
	texts := map[string]string{"human": human.String(), "github": github.String()}
	for _, f := range append(keeper.Kept, path("a.xml"), path("a.tap"), path("a.json")) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(f)] = string(b)
	}
	if len(texts) != 6 {
		t.Fatalf("%d texts", len(texts))
	}
	for name, text := range texts {
		for _, c := range []byte(text) {
			if c < 0x20 && c != '\n' || c == 0x7f {
				t.Errorf("%s has the control byte %#x", name, c)
				break
			}
		}
		if strings.Contains(text, "hidden-word") || strings.Contains(text, "aGlkZGVuLXdvcmQ") || strings.Contains(text, "\u202e") {
			t.Errorf("%s has a forbidden text:\n%s", name, text)
		}
		if !strings.Contains(text, "NOOP: because") {
			t.Errorf("%s lacks the failure:\n%s", name, text)
		}
	}
	if !strings.Contains(texts["a.xml"], "C: AUTH PLAIN ********") {
		t.Errorf("the transcript is not in the JUnit report:\n%s", texts["a.xml"])
	}
	checkJUnit(t, texts["a.xml"])
	var v any
	if err := json.Unmarshal([]byte(texts["a.json"]), &v); err != nil {
		t.Error(err)
	}
}

// TestHooks: the order of hooks, also after a failure.
func TestHooks(t *testing.T) {
	const src = `
local log = {}
local function say(s) return function() log[#log + 1] = s end end
before_all(say "A") after_all(say "a") before_each(say "E") after_each(say "e")
it("one", function() say "1" () defer(say "d1") defer(say "d2") end)
describe("inner", function()
  before_all(say "B") after_all(say "b") before_each(say "F") after_each(say "f")
  it("fails", function() say "2" () defer(say "d3") fail("x") end)
  it("is late", {timeout = "30ms"}, function() say "3" () smtp.sleep(10) end)
end)
describe("broken", function()
  before_all(function() error("no way") end)
  after_all(say "c")
  it("never", say "never")
  it("never again", say "never")
end)
it("last", function() print(table.concat(log, " ")) fail("show") end)
`
	var got []*testrun.Result
	sum, err := testrun.Run(t.Context(), []*testrun.File{file("h_test.lua", src)}, options(t), collect{&got})
	if err != nil || sum.Failed != 3 || sum.Broken != 2 || sum.Passed != 1 {
		t.Fatalf("%+v %v", sum, err)
	}
	want := "A E 1 d2 d1 e B E F 2 d3 f e E F 3 f e b c E"
	if out := strings.Join(got[len(got)-1].Output, ""); out != want {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

// collect stores the results.
type collect struct{ results *[]*testrun.Result }

func (collect) Started(*testrun.File, *testrun.Test)      {}
func (c collect) Done(_ *testrun.File, r *testrun.Result) { *c.results = append(*c.results, r) }
func (collect) File(*testrun.FileRun)                     {}
func (collect) End(*testrun.Summary) error                { return nil }

// TestJudgement: what makes a test fail, and what does not.
func TestJudgement(t *testing.T) {
	for src, want := range map[string]testrun.Status{
		`expect(1):equals(1)`:                                          testrun.Passed,
		`expect(1):equals(2)`:                                          testrun.Failed,
		`pcall(function() expect(1):equals(2) end)`:                    testrun.Failed,
		`pcall(fail, "x")`:                                             testrun.Failed,
		`pcall(function() smtp.connect():noop():expect(550) end)`:      testrun.Failed,
		`check(1):equals(2)`:                                           testrun.Failed,
		`smtp.connect():play("C: NOOP\nS: 550")`:                       testrun.Failed,
		`pcall(function() smtp.connect():play("C: NOOP\nS: 550") end)`: testrun.Failed,
		`eventually({timeout = "5s", every = "1ms"}, (function() local n = 0 return function() n = n + 1 expect(n):equals(3) return true ` +
			`end end)())`: testrun.Passed,
		`eventually({timeout = "20ms", every = "5ms"}, function() expect(1):equals(2) end)`:        testrun.Failed,
		`expect(function() expect(1):equals(2) end):raises("expect")`:                              testrun.Passed,
		`expect(function() smtp.connect():read_reply("20ms") end):raises("timeout")`:               testrun.Passed,
		`expect(function() error("plain") end):raises()`:                                           testrun.Passed,
		`expect(function() error("plain") end):raises("timeout")`:                                  testrun.Failed,
		`expect(function() end):raises()`:                                                          testrun.Failed,
		`error("x")`:                                                                               testrun.Broken,
		`local t = nil; return t.x`:                                                                testrun.Broken,
		`smtp.connect("127.0.0.1:1")`:                                                              testrun.Broken,
		`smtp.send(nil, {}, mail.message{from = "a@b.example", to = "unknown-user@sandbox.test"})`: testrun.Failed,
		`smtp.parallel(3, function() expect(1):equals(2) end)`:                                     testrun.Failed,
		`smtp.spawn(function() error("x") end) smtp.sleep("50ms")`:                                 testrun.Broken,
		`local srv = smtp.listen() srv:serve(function(c) c:reply(220, "x") c:expect("QUIT") end) pcall(function() smtp.connect(srv):noop() ` +
			`end) smtp.sleep("50ms")`: testrun.Failed,
		`skip("x")`:                                 testrun.Skipped,
		`pcall(skip, "x") expect(1):equals(1)`:      testrun.Passed,
		`expect(1):equals(2) skip("x")`:             testrun.Failed,
		`check(1):equals(2) skip("x")`:              testrun.Failed,
		`defer(function() expect(1):equals(2) end)`: testrun.Failed,
		`defer(function() error("x") end)`:          testrun.Broken,
		`it("inner", function() end)`:               testrun.Broken,
		`expect({a = {1, 2}}):equals({a = {1, 2}})`: testrun.Passed,
		`expect({1, 2}):equals({1, 2, 3})`:          testrun.Failed,
		`expect("250"):equals(250)`:                 testrun.Failed,
		`expect({"a", "b"}):contains("b")`:          testrun.Passed,
		`expect("abc"):contains("%w")`:              testrun.Failed,
		`expect(nil):equals(nil)`:                   testrun.Passed,
		`expect("x"):at_least(1)`:                   testrun.Failed,
	} {
		var got []*testrun.Result
		if _, err := testrun.Run(t.Context(), []*testrun.File{file("j_test.lua", `it("x", function() `+src+
			"\nend)")}, options(t), collect{&got}); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Status != want {
			t.Errorf("%s\n  got %v, want %s", src, got[0].Status, want)
			for _, f := range got[0].Failures {
				t.Logf("  %v", f)
			}
		}
	}
}

// TestFilesAreReportedInOrder, whichever ends first.
func TestFilesAreReportedInOrder(t *testing.T) {
	var out bytes.Buffer
	files := []*testrun.File{
		file("a_test.lua", `it("slow", function() smtp.sleep("100ms") end)`),
		file("b_test.lua", `it("fast", function() end)`),
		file("c_test.lua", `it("fast", function() end)`),
	}
	if _, err := testrun.Run(t.Context(), files, options(t), &testrun.Human{W: &out}); err != nil {
		t.Fatal(err)
	}
	a, b, c := strings.Index(out.String(), "a_test"), strings.Index(out.String(), "b_test"), strings.Index(out.String(), "c_test")
	if a < 0 || b < a || c < b {
		t.Fatalf("%s", out.String())
	}
}

// TestInterrupted: reports of an interrupted run do not look successful.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	var got []*testrun.Result
	sum, err := testrun.Run(ctx, []*testrun.File{file("i_test.lua", `it("waits", function() smtp.sleep(60) end) it("next", function() end)`)},
		options(t), collect{&got})
	// the running one is broken, the other one was not run: both are in the reports
	if err != nil || !sum.Interrupted || sum.OK() || len(got) != 2 || got[0].Status != testrun.Broken || got[1].Status != testrun.Skipped {
		t.Fatalf("%+v %v %v", sum, got, err)
	}
}
