package testrun_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/internal/testrun"
)

// many are tests with names that are hard to select.
const many = `
describe("mx", function()
  it("it's \"quoted\" (a+b)* [x]", function() fail("1") end)
  it("same", function() fail("2") end)
  it("same", function() fail("3") end)
  it("same but longer", function() fail("4") end)
  describe("inner", function()
    it("one", function()
      fail("5")
    end)
    it("two", function() fail("6") end)
  end)
end)
it("/(/", function() fail("7") end)
it("/.*/", function() fail("8") end)
it("mx", function() fail("9") end)
it("with \27[2J", function() fail("10") end)
for i = 1, 2 do it("loop " .. i, function() fail("l" .. i) end) end
`

// TestAgainRepeatsExactlyTheTest: the command in a report for a failed test runs this test
// and no other, whatever the names have in common.
func TestAgainRepeatsExactlyTheTest(t *testing.T) {
	dir := t.TempDir()
	var files []*testrun.File
	for _, folder := range []string{"a", "b"} {
		path := filepath.Join(dir, folder, "n_test.lua")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(many), 0o644); err != nil {
			t.Fatal(err)
		}
		found, err := testrun.Discover(kinds, []string{path}, nil)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	type repeat struct{ file, name string }
	var proposed []repeat
	human := &testrun.Human{W: &bytes.Buffer{}, Again: func(file, name string) string {
		proposed = append(proposed, repeat{file, name})
		return "again"
	}}
	var first []*testrun.Result
	o := options(t)
	o.Jobs = 1
	if _, err := testrun.Run(t.Context(), files, o, human, collect{&first}); err != nil {
		t.Fatal(err)
	}
	if len(first) != 24 || len(proposed) != len(first) {
		t.Fatalf("%d tests, %d proposals", len(first), len(proposed))
	}
	for i, p := range proposed {
		again, err := testrun.Discover(kinds, []string{p.file}, nil)
		if err != nil {
			t.Fatal(err)
		}
		o := options(t)
		if p.name != "" {
			o.Filter = []string{p.name}
		}
		var got []*testrun.Result
		if _, err := testrun.Run(t.Context(), again, o, collect{&got}); err != nil {
			t.Errorf("%v: %v", p, err)
			continue
		}
		if len(got) != 1 || got[0].Failures[0].Message != first[i].Failures[0].Message || got[0].Test.File != first[i].Test.File {
			t.Errorf("%q %q runs %d tests instead of %q", p.file, p.name, len(got), first[i].Test.Full())
		}
	}
}

// TestFiltersAndPlaces: the forms of --filter and of FILE:LINE.
func TestFiltersAndPlaces(t *testing.T) {
	for _, c := range []struct {
		filter string
		names  []string
		lines  []int
		want   string
	}{
		{filter: "mx", want: "9"},                       // the exact name, although others contain it
		{filter: "MX", want: "1 2 3 4 5 6 9"},           // part of a name, in any case
		{filter: "mx › same", want: "2 3"},              // exact
		{filter: "mx › sam", want: "2 3 4"},             // part
		{filter: "(a+b)* [x]", want: "1"},               // no expression without slashes
		{filter: "/^loop [12]$/", want: "l1 l2"},        // an expression
		{filter: "/(/", want: "7"},                      // an exact name that is no expression
		{filter: "/.*/", want: "8"},                     // an exact name that is one
		{filter: "n_test.lua:4", want: "2"},             // a place
		{filter: "a/n_test.lua:9", want: "5"},           // inside of a test
		{filter: "n_test.lua:7", want: "5 6"},           // the line of a describe: everything in it
		{filter: "other_test.lua:4", want: ""},          // of another file
		{filter: "n_test.lua:999", want: ""},            // nothing at this line
		{lines: []int{4, 9}, want: "2 5"},               // FILE:4 FILE:9
		{lines: []int{18}, want: "l1 l2"},               // a loop makes several tests at a line
		{names: []string{"mx", "loop 2"}, want: "9 l2"}, // exact names as arguments
		{names: []string{"loop"}, want: ""},
	} {
		o := options(t)
		if c.filter != "" {
			o.Filter = []string{c.filter}
		}
		o.Names = c.names
		var got []*testrun.Result
		f := file("tests/a/n_test.lua", many)
		f.Lines = c.lines
		sum, err := testrun.Run(t.Context(), []*testrun.File{f}, o, collect{&got})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		var ran []string
		for _, r := range got {
			ran = append(ran, r.Failures[0].Message)
		}
		if strings.Join(ran, " ") != c.want {
			t.Errorf("%+v: ran %v", c, ran)
		}
		if len(c.names) > 0 && c.want == "" && len(sum.Unmatched) != 1 {
			t.Errorf("%v: unmatched %v", c.names, sum.Unmatched)
		}
	}
	if _, err := testrun.Run(t.Context(), []*testrun.File{file("n_test.lua", many)},
		testrun.Options{Filter: []string{"/[/"}, Sources: options(t).Sources}); err == nil || !strings.Contains(err.Error(), "filter /[/") {
		t.Errorf("a filter that is neither an expression nor a name: %v", err)
	}
}

// TestPlacesWithoutTest: a line without a test is an error, also if other lines have one.
func TestPlacesWithoutTest(t *testing.T) {
	f := file("n_test.lua", many)
	f.Lines = []int{4, 999}
	sum, err := testrun.Run(t.Context(), []*testrun.File{f}, options(t))
	if err != nil || len(sum.BadFiles) != 1 || !strings.Contains(sum.BadFiles[0].Err.Error(), "line 999") {
		t.Fatalf("%+v %v", sum, err)
	}
}

// TestOnRequest: tests that run only on request, and the report about them.
func TestOnRequest(t *testing.T) {
	const src = `describe("d", {tags = "mx"}, function()
  it("waits", {tags = "slow", on_request = "it takes minutes"}, function() end)
end)
it("runs", function() end)`
	for _, c := range []struct {
		name string
		set  func(o *testrun.Options, f *testrun.File)
		ran  bool
	}{
		{"nothing", func(*testrun.Options, *testrun.File) {}, false},
		{"the tag of the describe", func(o *testrun.Options, _ *testrun.File) { o.Tags = []string{"mx"} }, false},
		{"part of the name", func(o *testrun.Options, _ *testrun.File) { o.Filter = []string{"wai"} }, false},
		{"its tag", func(o *testrun.Options, _ *testrun.File) { o.Tags = []string{"slow"} }, true},
		{"its name", func(o *testrun.Options, _ *testrun.File) { o.Filter = []string{"d › waits"} }, true},
		{"its name as an argument", func(o *testrun.Options, _ *testrun.File) { o.Names = []string{"d › waits"} }, true},
		{"its place", func(o *testrun.Options, _ *testrun.File) { o.Filter = []string{"r_test.lua:2"} }, true},
		{"its place as an argument", func(_ *testrun.Options, f *testrun.File) { f.Lines = []int{2} }, true},
	} {
		o, f := options(t), file("r_test.lua", src)
		c.set(&o, f)
		var got []*testrun.Result
		if _, err := testrun.Run(t.Context(), []*testrun.File{f}, o, collect{&got}); err != nil {
			t.Fatal(err)
		}
		r := got[0]
		if ran := r.Status == testrun.Passed; ran != c.ran || !ran && r.Reason != "only on request: it takes minutes; run it with --tags slow" {
			t.Errorf("%s: %s %q", c.name, r.Status, r.Reason)
		}
	}
}

// TestClosingHooksAddNoSecondError: after a failed before_each or before_all the closing
// hooks add no error, and a test that skips itself there is skipped.
func TestClosingHooksAddNoSecondError(t *testing.T) {
	for src, want := range map[string]string{
		`local s before_each(function() error("set-up") end) after_each(function() s:quit() end) it("x", function() end)`:   "error: set-up",
		`before_each(function() error("set-up") end) after_each(function() check(1):equals(2) end) it("x", function() end)`: "error: set-up",
		`before_each(function() error("set-up") end) describe("d", function() after_each(function() error("inner") end) it("x", function() ` +
			`end) end)`: "error: set-up",

		`local s before_all(function() error("set-up") end) after_all(function() ` +
			`s:quit() end) it("x", function() end)`: "error: before_all: set-up",

		`before_all(function() error("set-up") end) after_all(function() ` +
			`check(1):equals(2) end) it("x", function() end)`: "error: before_all: set-up",

		`local s before_each(function() skip("not here") end) after_each(function() s:quit() end) it("x", function() end)`: "skip: not here",

		`after_each(function() error("take-down") end) it("x", function() fail("test") end)`: "error: test, take-down",

		`after_each(function() error("take-down") end) it("x", function() end)`:                                       "error: take-down",
		`after_all(function() error("take-down") end) it("x", function() end)`:                                        "error: take-down",
		`before_each(function() error("set-up") end) after_each(function() print("ran") end) it("x", function() end)`: "error: set-up (ran)",

		`before_each(function() defer(function() error("deferred") end) error("set-up") end) it("x", function() end)`: "error: set-up, deferred",
	} {
		var got []*testrun.Result
		if _, err := testrun.Run(t.Context(), []*testrun.File{file("h_test.lua", src)}, options(t), collect{&got}); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, f := range got[0].Failures {
			texts = append(texts, f.Message)
		}
		text := fmt.Sprintf("%s: %s%s", got[0].Status, strings.Join(texts, ", "), got[0].Reason)
		if len(got[0].Output) > 0 {
			text += " (" + strings.Join(got[0].Output, " ") + ")"
		}
		if len(got) != 1 || text != want {
			t.Errorf("%s\n  got  %s\n  want %s", src, text, want)
		}
	}
}

// TestSummaryListsFailuresOnce: the summary repeats each failure, and has equal reasons of skips and
// tags only once.
func TestSummaryListsFailuresOnce(t *testing.T) {
	var out bytes.Buffer
	_, err := testrun.Run(t.Context(), []*testrun.File{
		file("a_test.lua", `describe("d", {tags = {"mx", "mx"}}, function()
it("fails #bad", {tags = "bad"}, function() fail("first") end)
it("one", function() skip("no login") end) it("two", function() skip("no login") end) it("three", function() skip("other") end) end)`),
		file("b_test.lua", `it("breaks", function() error("second") end) it("four", function() skip("no login") end)`),
		file("c_test.lua", `it(`),
	}, options(t), &testrun.Human{W: &out})
	if err != nil {
		t.Fatal(err)
	}
	_, end, ok := strings.Cut(out.String(), "\nfailed\n")
	if !ok {
		t.Fatalf("the report has no summary:\n%s", out.String())
	}
	for _, want := range []string{"✗ a_test.lua:2: d › fails #bad: first", "✗ b_test.lua:1: breaks: second", "✗ c_test.lua:1"} {
		if strings.Count(end, want) != 1 {
			t.Errorf("%q is not in the summary once:\n%s", want, end)
		}
	}
	for text, n := range map[string]int{": no login": 1, ": same reason as d › one": 2, ": other": 1, "#bad": 3, "fails #bad  #mx (": 1} {
		if got := strings.Count(out.String(), text); got != n {
			t.Errorf("%q appears %d times, want %d:\n%s", text, got, n, out.String())
		}
	}
}
