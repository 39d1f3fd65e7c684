package testrun_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/testrun"
)

const threeVerdicts = `
it("holds", {level = "must", clause = "RFC 5321 section 4.1.1.9"}, function() end)
it("cannot be tried", {level = "must"}, function() untried("the server is\nbusy") end)
it("is only advice", {level = "advice", clause = "RFC 5321 section 7.3"}, function() check(1, "a number"):equals(2) end)
it("should hold", {level = "should"}, function() expect(1, "a number"):equals(3) end)
`

// TestVerdictsInEveryReport: a test that could not be tried, and one that only warns, is in
// every report as neither success nor failure.
func TestVerdictsInEveryReport(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	var human, github bytes.Buffer
	sum, err := testrun.Run(t.Context(), []*testrun.File{file("v_test.lua", threeVerdicts)}, options(t),
		&testrun.Human{W: &human}, &testrun.JUnit{Path: at("j.xml")}, &testrun.TAP{Path: at("t.tap")}, &testrun.JSON{Path: at("j.json")},
		&testrun.GitHub{W: &github})
	if err != nil || !sum.OK() || sum.Passed != 1 || sum.Untried != 1 || sum.Warned != 2 || sum.Ran() != 3 {
		t.Fatalf("%+v %v\n%s", sum, err, human.String())
	}
	read := func(name string) string {
		b, err := os.ReadFile(at(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	checkJUnit(t, read("j.xml"))
	for what, text := range map[string]struct {
		got  string
		want []string
	}{
		"human": {
			human.String(),
			[]string{"✓ holds [MUST, RFC 5321 section 4.1.1.9]", "? cannot be tried [MUST]", "could not be tried: the server is",
				"! is only advice [ADVICE, RFC 5321 section 7.3]", "want 2", "1 passed, 2 warnings (!), 1 could not be tried (?)"},
		},
		"junit": {
			read("j.xml"),
			[]string{`<skipped message="could not be tried: the server is`, `<skipped message="warning: a number`, `failures="0"`, "want 2"},
		},
		"tap": {
			read("t.tap"),
			[]string{
				"1..4",
				"ok 2 - cannot be tried [MUST] # SKIP could not be tried: the server is busy",
				"not ok 3 - is only advice [ADVICE, RFC 5321 section 7.3] # TODO a warning",
				"want 2",
			},
		},
		"json": {
			read("j.json"),
			[]string{
				`"status": "untried"`, `"reason": "the server is\nbusy"`, `"status": "warn"`,
				`"level": "advice"`, `"clause": "RFC 5321 section 7.3"`, `"warned": 2`,
				`"untried": 1`,
			},
		},
		"github": {github.String(), []string{"::warning file=v_test.lua,line=4"}},
	} {
		for _, w := range text.want {
			if !strings.Contains(text.got, w) {
				t.Errorf("%s does not have %q:\n%s", what, w, text.got)
			}
		}
	}
	if strings.Contains(github.String(), "::error") {
		t.Error("a warning is an error for GitHub")
	}
}

// TestLevelsDecide: the least binding level that fails, and those below it.
func TestLevelsDecide(t *testing.T) {
	for level, failed := range map[testrun.Level]int{"": 0, testrun.Must: 0, testrun.Should: 1, testrun.Advice: 2} {
		o := options(t)
		o.Level = level
		sum, err := testrun.Run(t.Context(), []*testrun.File{file("v_test.lua", threeVerdicts)}, o)
		if err != nil || sum.Failed != failed || sum.Warned != 2-failed || sum.OK() != (failed == 0) {
			t.Errorf("level %q: %d failed, %d warned (%v)", level, sum.Failed, sum.Warned, err)
		}
	}
}

// TestScriptErrorIsNoWarning: a test of level advice with a script error is an
// error.
func TestScriptErrorIsNoWarning(t *testing.T) {
	sum, err := testrun.Run(t.Context(),
		[]*testrun.File{
			file("v_test.lua", `it("x", {level = "advice"}, function() error("broken") end) it("y", {level = "shuold"}, function() end)`),
		},
		options(t))
	if err != nil || len(sum.BadFiles) != 1 || !strings.Contains(sum.BadFiles[0].Err.Error(), "level") {
		t.Errorf("a misspelled level: %+v %v", sum, err)
	}
	sum, err = testrun.Run(t.Context(), []*testrun.File{file("v_test.lua", `it("x", {level = "advice"}, function() error("broken") end)`)},
		options(t))
	if err != nil || sum.Broken != 1 || sum.OK() {
		t.Errorf("%+v %v", sum, err)
	}
}

// TestRetryComesBeforeTheWarning: a test of level advice is retried too.
func TestRetryComesBeforeTheWarning(t *testing.T) {
	sum, err := testrun.Run(t.Context(),
		[]*testrun.File{file("v_test.lua", `local n = 0 it("x", {level = "advice", retry = 2}, function() n = n + 1 expect(n):equals(3) end)`)},
		options(t))
	if err != nil || sum.Passed != 1 {
		t.Errorf("%+v %v", sum, err)
	}
}

// TestTriedAgainAlone: a test that could not be tried for a temporary reason is tried again
// while no other runs, and the run reports it; the number of attempts is limited.
func TestTriedAgainAlone(t *testing.T) {
	src := `
local n = 0
it("meets a full server once", function()
  local srv = smtp.listen(nil, {profile = "plain"})
  n = n + 1
  if n == 1 then srv:on("NOOP", "421 full") end
  local r = smtp.connect(srv):noop()
  if not r.ok then untried("refused: " .. r.code, r) end
end)`
	other := `it("waits", function() smtp.sleep("150ms") end)`
	var human bytes.Buffer
	o := options(t)
	o.Jobs = 2
	sum, err := testrun.Run(t.Context(), []*testrun.File{file("a_test.lua", src), file("b_test.lua", other)}, o, &testrun.Human{W: &human})
	if err != nil || sum.Passed != 2 || !sum.OK() {
		t.Fatalf("%+v %v\n%s", sum, err, human.String())
	}
	never := `for i = 1, 6 do it("never " .. i, function()
  local ok, e = pcall(smtp.connect, "127.0.0.1:1", {timeout = "1s"})
  untried("refused", e)
end) end`
	sum, err = testrun.Run(t.Context(), []*testrun.File{file("n_test.lua", never)}, o)
	if err != nil || sum.Untried != 6 || sum.OK() || !sum.NothingTried() || sum.Because() != "dial" || len(sum.Notes) != 0 {
		t.Errorf("%+v %v", sum, err)
	}
}
