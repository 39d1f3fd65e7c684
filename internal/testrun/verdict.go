package testrun

import (
	"fmt"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"smtpsh/transcript"
)

// Verdicts counts the outcomes between success and failure.
type Verdicts struct {
	Warned  int      // violated rules that are not binding enough to fail
	Untried int      // tests that could not be tried: nothing is known
	Notes   []string // what the run has found out about the server as a whole

	because map[string]int // Untried by the kind of the error that is the reason
}

// count adds a result.
func (v *Verdicts) count(r *Result) {
	if r.Status == Warned {
		v.Warned++
		return
	}
	v.Untried++
	if v.because == nil {
		v.because = map[string]int{}
	}
	v.because[r.Because]++
}

// NothingTried reports a run that says nothing about the server: there were tests,
// and not one of them could be tried.
func (s *Summary) NothingTried() bool { return s.Untried > 0 && s.Ran() == 0 }

// Because is the kind of the error that kept tests from being tried; "" when there were
// several kinds, or none. Other reasons, such as a missing variable, do not count.
func (s *Summary) Because() string {
	found := ""
	for kind := range s.because {
		switch {
		case kind == "" || kind == found:
		case found != "":
			return ""
		default:
			found = kind
		}
	}
	return found
}

// hasFindings reports whether a result has failures to show.
func hasFindings(r *Result) bool {
	return r.Status == Failed || r.Status == Broken || r.Status == Warned
}

// reasonUntried is what a person reads behind the name of a test that could not be
// tried.
func reasonUntried(r *Result) string {
	if r.Status != Untried {
		return ""
	}
	return ": could not be tried: " + transcript.Escape(r.Reason)
}

func warnings(n int) string {
	if n == 1 {
		return "warning"
	}
	return "warnings"
}

// noteLines writes notes, one a line.
func noteLines(mark string, notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(mark + transcript.Escape(n) + "\n")
	}
	return b.String()
}

// junitVerdict is how JUnit, which knows neither verdict, is told: as a skipped
// test, so that servers show it, with all that is known of it.
func junitVerdict(r *Result, text string) *junit.Result {
	if r.Status == Untried {
		return &junit.Result{Message: xmlText("could not be tried: " + r.Reason), Type: "untried"}
	}
	return &junit.Result{Message: xmlText("warning: " + firstLine(r)), Type: "warning", Data: text}
}

// tapVerdict writes both verdicts so that a TAP consumer shows them and does not
// count them as failures.
func tapVerdict(b *strings.Builder, n int, f *File, r *Result) {
	if r.Status == Untried {
		fmt.Fprintf(b, "ok %d - %s # SKIP could not be tried: %s\n", n, tapText(r.Test.Full()), tapText(r.Reason))
		return
	}
	fmt.Fprintf(b, "not ok %d - %s # TODO a warning\n", n, tapText(r.Test.Full()))
	diagnostics(b, failureText(f, r, 0))
}

// annotation is the kind of GitHub's workflow command for a result.
func annotation(r *Result) string {
	if r.Status == Warned {
		return "warning"
	}
	return "error"
}
