package testrun

import (
	"fmt"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"smtpsh/transcript"
)

// Verdicts counts the results that are neither success nor failure.
type Verdicts struct {
	Warned  int      // tests that failed below the level that fails the run
	Untried int      // tests that could not be tried
	Notes   []string // remarks about the whole run

	because map[string]int // Untried by the kind of error that caused it
	// Tests of files that name their own servers: those that passed, and those that could not
	// be tried.
	ownPassed, ownUntried int
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

// NothingTried reports that the run had tests of its target and none of them could be tried.
// Tests of files that name their own servers show nothing about it.
func (s *Summary) NothingTried() bool {
	return s.Untried > 0 && s.Ran() == 0 || s.Untried > s.ownUntried && s.Ran() == s.ownPassed
}

// Because returns the kind of error for which tests could not be tried; "" if there were
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

// reasonUntried returns the text after the name of a test that could not be tried.
func reasonUntried(r *Result) string {
	if r.Status != Untried {
		return ""
	}
	return ": could not be tried: " + transcript.Escape(r.Reason)
}

// sameReason is [reasonUntried] for a test that follows one with the same reason.
const sameReason = ": could not be tried, for the same reason"

func warnings(n int) string {
	if n == 1 {
		return "warning"
	}
	return "warnings"
}

// noteLines writes one note on each line.
func noteLines(mark string, notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(mark + transcript.Escape(n) + "\n")
	}
	return b.String()
}

// junitVerdict returns a skipped test for both verdicts, because JUnit has neither. CI
// servers show the message.
func junitVerdict(r *Result, text string) *junit.Result {
	if r.Status == Untried {
		return &junit.Result{Message: xmlText("could not be tried: " + r.Reason), Type: "untried"}
	}
	return &junit.Result{Message: xmlText("warning: " + firstLine(r)), Type: "warning", Data: text}
}

// tapVerdict writes both verdicts as SKIP and TODO, which TAP consumers show and do not
// count as failures.
func tapVerdict(b *strings.Builder, n int, f *File, r *Result) {
	if r.Status == Untried {
		fmt.Fprintf(b, "ok %d - %s # SKIP could not be tried: %s\n", n, tapText(r.Test.Full()), tapText(r.Reason))
		return
	}
	fmt.Fprintf(b, "not ok %d - %s # TODO a warning\n", n, tapText(r.Test.Full()))
	diagnostics(b, failureText(f, r, 0))
}

// annotation returns the kind of GitHub workflow command for a result.
func annotation(r *Result) string {
	if r.Status == Warned {
		return "warning"
	}
	return "error"
}
