package testrun

import (
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// JUnit writes the report that CI servers read. It follows Jenkins' schema junit-10.xsd,
// the strictest one: only a suite has totals of skipped tests, and a test case has no
// attribute for its place. The suite has the file, and a property for each line.
type JUnit struct {
	nothing
	Path string
}

// End writes the file.
func (j *JUnit) End(s *Summary) error {
	all := junit.Testsuites{Name: "smtpsh", Time: seconds(s.Took.Seconds())}
	classes := classNames(j.runs)
	for i, run := range j.runs {
		suite := testsuite(run, classes[run.File.Name], s.targetText())
		suite.ID = i
		all.AddSuite(suite)
	}
	all.Skipped, all.Disabled = 0, 0 // no attributes of <testsuites>
	return write(j.Path, func(w io.Writer) error {
		if _, err := io.WriteString(w, xml.Header); err != nil {
			return err
		}
		enc := xml.NewEncoder(w)
		enc.Indent("", "  ")
		if err := enc.Encode(all); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	})
}

func testsuite(run *FileRun, class, target string) junit.Testsuite {
	suite := junit.Testsuite{Name: xmlText(run.File.Name), File: xmlText(run.File.Name), Time: seconds(run.Took.Seconds())}
	if !run.Begun.IsZero() {
		suite.Timestamp = run.Begun.UTC().Format("2006-01-02T15:04:05") // the schemas' form has no zone
	}
	if target != "" {
		suite.AddProperty("target", xmlText(target))
	}
	if run.Err != nil {
		text := xmlText(strings.Join(loadError(run), "\n"))
		suite.AddTestcase(junit.Testcase{Name: "load", Classname: class, Time: seconds(0), Error: &junit.Result{Message: firstOf(text),
			Type: "load", Data: text}})
	}
	for _, r := range run.Results {
		if r.Test.Line > 0 {
			suite.AddProperty("line of "+xmlText(r.Test.Full()), strconv.Itoa(r.Test.Line))
		}
		suite.AddTestcase(testcase(run.File, class, r))
	}
	return suite
}

func testcase(f *File, class string, r *Result) junit.Testcase {
	tc := junit.Testcase{Name: xmlText(r.Test.Full()), Classname: class, Time: seconds(r.Took.Seconds())}
	text := xmlText(strings.Join(failureText(f, r, 0), "\n"))
	switch r.Status {
	case Failed:
		tc.Failure = &junit.Result{Message: xmlText(firstLine(r)), Type: failureType(r), Data: text}
	case Broken:
		tc.Error = &junit.Result{Message: xmlText(firstLine(r)), Type: failureType(r), Data: text}
	case Skipped:
		tc.Skipped = &junit.Result{Message: xmlText(r.Reason), Type: "skipped"}
	case Pending:
		tc.Skipped = &junit.Result{Message: "pending", Type: "pending"}
	case Untried, Warned:
		tc.Skipped = junitVerdict(r, text)
	}
	if len(r.Output) > 0 {
		tc.SystemOut = &junit.Output{Data: xmlText(strings.Join(r.Output, "\n"))}
	}
	return tc
}

// classNames returns a class name for each file: its name without folder, extension and
// dots, because readers take the part before the last dot as a package. If two files have
// the same name, the folders that distinguish them are the package.
func classNames(runs []*FileRun) map[string]string {
	parts := map[string][]string{}
	for _, run := range runs {
		name := run.File.Name
		words := strings.Split(strings.Trim(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/"), "/")
		last := len(words) - 1
		words[last] = strings.TrimSuffix(words[last], path.Ext(words[last]))
		for i, w := range words {
			words[i] = xmlText(strings.NewReplacer(".", "_", "/", "_", " ", "_").Replace(w))
		}
		parts[name] = words
	}
	out := map[string]string{}
	for name, words := range parts {
		for n := 1; ; n++ {
			class := lastWords(words, n)
			unique := true
			for other, w := range parts {
				unique = unique && (other == name || lastWords(w, n) != class)
			}
			if unique || n >= len(words) {
				out[name] = class
				break
			}
		}
	}
	return out
}

func lastWords(words []string, n int) string {
	return strings.Join(words[max(0, len(words)-n):], ".")
}

// failureType returns the kind of the first failure, such as expect, reply, timeout or
// tls; error if it is unknown.
func failureType(r *Result) string {
	if len(r.Failures) == 0 {
		return "error"
	}
	switch f := r.Failures[0]; {
	case f.limit() != nil:
		return "timeout"
	case f.Kind != "":
		return f.Kind
	}
	return "error"
}

func firstOf(s string) string { l, _, _ := strings.Cut(s, "\n"); return l }

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
