package testrun_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/testrun"
)

// jenkins is the schema junit-10 of Jenkins' xunit plugin for the elements that are written
// here: the place of each, its required and its optional attributes. Any other attribute
// makes a report invalid.
var jenkins = map[string]struct {
	in         string
	needs, may []string
	text       bool
}{
	"testsuites": {may: []string{"name", "time", "tests", "failures", "errors"}},
	"testsuite": {
		in: "testsuites", needs: []string{"name", "tests", "failures", "errors"},
		may: []string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "version"},
	},
	"properties": {in: "testsuite"},
	"property":   {in: "properties", needs: []string{"name", "value"}},
	"testcase":   {in: "testsuite", needs: []string{"name"}, may: []string{"time", "classname", "group"}},
	"failure":    {in: "testcase", may: []string{"type", "message"}, text: true},
	"error":      {in: "testcase", may: []string{"type", "message"}, text: true},
	"skipped":    {in: "testcase", may: []string{"type", "message"}, text: true},
	"system-out": {in: "testcase", text: true},
	"system-err": {in: "testcase", text: true},
}

// surefireTime is the schema's form of a time.
var surefireTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

// element is one element of a report.
type element struct {
	name  string
	attrs map[string]string
}

// checkJUnit checks a report against the schema and against what readers also expect:
// counts that fit, a class name whose dots separate packages, a type and a message.
func checkJUnit(t *testing.T, text string) []element {
	t.Helper()
	var all []element
	var stack []string
	suite, counts := map[string]string{}, map[string]int{}
	finish := func() {
		for attr, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"} {
			if n := suite[attr]; n != strconv.Itoa(counts[element]) && (n != "" || counts[element] > 0) {
				t.Errorf("%s=%q and %d <%s>", attr, n, counts[element], element)
			}
		}
		clear(counts)
	}
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, text)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			name, outer := e.Name.Local, ""
			if len(stack) > 0 {
				outer = stack[len(stack)-1]
			}
			rule, ok := jenkins[name]
			if !ok || rule.in != outer {
				t.Errorf("<%s> inside <%s>", name, outer)
			}
			attrs := map[string]string{}
			for _, a := range e.Attr {
				attrs[a.Name.Local] = a.Value
				if !slices.Contains(rule.needs, a.Name.Local) && !slices.Contains(rule.may, a.Name.Local) {
					t.Errorf("<%s> has the attribute %s", name, a.Name.Local)
				}
			}
			for _, n := range rule.needs {
				if _, ok := attrs[n]; !ok {
					t.Errorf("<%s> has no %s", name, n)
				}
			}
			if s, ok := attrs["time"]; ok && !surefireTime.MatchString(s) {
				t.Errorf("time=%q", s)
			}
			switch name {
			case "testsuite":
				suite = attrs
				if _, err := time.Parse("2006-01-02T15:04:05", attrs["timestamp"]); err != nil {
					t.Errorf("timestamp: %v", err)
				}
				if attrs["file"] == "" {
					t.Error("<testsuite> has no file")
				}
			case "testcase":
				if c := attrs["classname"]; c == "" || strings.ContainsAny(c, `/\ `) || strings.HasSuffix(c, ".lua") || strings.HasSuffix(c, ".smtp") {
					t.Errorf("classname=%q", c)
				}
			case "failure", "error", "skipped":
				if attrs["type"] == "" || attrs["message"] == "" {
					t.Errorf("<%s> has type %q and message %q", name, attrs["type"], attrs["message"])
				}
			}
			all = append(all, element{name, attrs})
			counts[name]++
			stack = append(stack, name)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
			if e.Name.Local == "testsuite" {
				finish()
			}
		case xml.CharData:
			if n := len(stack); n > 0 && !jenkins[stack[n-1]].text && strings.TrimSpace(string(e)) != "" {
				t.Errorf("text in <%s>: %q", stack[n-1], e)
			}
		}
	}
	return all
}

// report runs files and returns the elements of their JUnit report.
func report(t *testing.T, o testrun.Options, files ...*testrun.File) []element {
	t.Helper()
	path := filepath.Join(t.TempDir(), "junit.xml")
	if _, err := testrun.Run(t.Context(), files, o, &testrun.JUnit{Path: path}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return checkJUnit(t, string(text))
}

// named returns the elements with a name.
func named(all []element, name string) []map[string]string {
	var out []map[string]string
	for _, e := range all {
		if e.name == name {
			out = append(out, e.attrs)
		}
	}
	return out
}

// TestJUnitIsValidForJenkins: skips, failures, errors, files that cannot be read, and names
// that XML and class names must escape.
func TestJUnitIsValidForJenkins(t *testing.T) {
	o := options(t)
	o.Target = "mx.example.org:25"
	all := report(t, o,
		file("/srv/mail.example/tests/relay_test.lua",
			`it("is <&> \"quoted\"", function() end) it("skips", function() skip("why") end) pending("later")
it("fails", function() fail("no") end) it("breaks", function() error("x") end)`),
		file("tests/v1.2 beta/x_test.lua", `it("is late", {timeout = "40ms"}, function() smtp.connect():read_reply() end)`),
		file("tests/broken_test.lua", `it(`),
		file("tests/only.smtp", "# a dialogue\nC: NOOP\nS: 550\n"))
	classes := map[string]bool{}
	for _, c := range named(all, "testcase") {
		classes[c["classname"]] = true
	}
	for _, want := range []string{"relay_test", "x_test", "broken_test", "only"} {
		if !classes[want] {
			t.Errorf("no class %s in %v", want, classes)
		}
	}
	late := named(all, "failure")[1]
	if late["type"] != "timeout" || !strings.Contains(late["message"], "exceeded its time limit of 40ms") {
		t.Errorf("the test that exceeded its time limit: %v", late)
	}
	lines := map[string]string{}
	for _, p := range named(all, "property") {
		lines[p["name"]] = p["value"]
	}
	if lines["line of fails"] != "2" || lines["target"] != "mx.example.org:25" {
		t.Errorf("properties: %v", lines)
	}
}

// TestClassNamesTellFilesApart: two files of the same name get their folders before it.
func TestClassNamesTellFilesApart(t *testing.T) {
	const src = `it("x", function() end)`
	var got []string
	for _, c := range named(report(t, options(t), file("a/mx.one/n_test.lua", src), file("b/mx.one/n_test.lua", src), file("c/m_test.lua",
		src)),
		"testcase") {
		got = append(got, c["classname"])
	}
	if want := "a.mx_one.n_test b.mx_one.n_test m_test"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestTimeoutsAreTheMessage: in each report, of a test and of a dialogue.
func TestTimeoutsAreTheMessage(t *testing.T) {
	o := options(t)
	o.Timeout = 60 * time.Millisecond
	var got []*testrun.Result
	dir := t.TempDir()
	files := []*testrun.File{
		file("a_test.lua", `it("waits", function() smtp.connect():read_reply() end)`),
		file("b_test.lua", `it("sleeps", function() smtp.sleep(10) end)`),
		file("c_test.lua", `it("runs", function() while true do end end)`),
		file("d.smtp", ":wait 10s\nC: NOOP\nS: 250\n"),
	}
	if _, err := testrun.Run(t.Context(), files, o, collect{&got}, &testrun.JUnit{Path: filepath.Join(dir, "j.xml")},
		&testrun.JSON{Path: filepath.Join(dir, "j.json")}, &testrun.TAP{Path: filepath.Join(dir, "j.tap")}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"j.xml", "j.json", "j.tap"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "exceeded its time limit of 60ms"); n < len(files) {
			t.Errorf("%s names the limit %d times:\n%s", name, n, b)
		}
		if name != "j.tap" && strings.Count(string(b), "timeout") < len(files) {
			t.Errorf("%s does not call them timeouts:\n%s", name, b)
		}
	}
}

// TestFailureOmitsFinalQUIT: a failed test shows the steps up to the failure, not
// the QUIT after it; the stored transcript has it.
func TestFailureOmitsFinalQUIT(t *testing.T) {
	var human strings.Builder
	keeper := &testrun.Keeper{Dir: filepath.Join(t.TempDir(), "out")}
	files := []*testrun.File{
		file("a_test.lua", `it("x", function() smtp.connect():noop():expect(550) end)`),
		file("b.smtp", "C: NOOP\nS: 550\n"),
	}
	if _, err := testrun.Run(t.Context(), files, options(t), &testrun.Human{W: &human}, keeper); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(human.String(), "QUIT") || strings.Count(human.String(), "> 0.0") != 2 {
		t.Errorf("the report:\n%s", human.String())
	}
	// what is found at the end is the subject of the failure
	late := file("c_test.lua", `it("x", function()
		local srv = smtp.listen("127.0.0.1:0", {profile = "plain"})
		srv:on("QUIT", {raw = "452 4.3.1 full\r\n221 bye\r\n"})
		smtp.connect(srv):noop():expect(250)
	end)`)
	var last strings.Builder
	if _, err := testrun.Run(t.Context(), []*testrun.File{late}, options(t), &testrun.Human{W: &last}); err != nil ||
		!strings.Contains(last.String(), "C: QUIT") || !strings.Contains(last.String(), "S: 452 4.3.1 full") {
		t.Errorf("%v, the report:\n%s", err, last.String())
	}
	for _, path := range keeper.Kept {
		if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "C: QUIT") {
			t.Errorf("%s: %v\n%s", path, err, text)
		}
	}
	if len(keeper.Kept) != len(files) {
		t.Errorf("%d transcripts", len(keeper.Kept))
	}
}
