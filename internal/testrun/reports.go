package testrun

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/internal/wholefile"
	"smtpsh/transcript"
)

// nothing collects the runs for reporters that write only at the end.
type nothing struct{ runs []*FileRun }

func (*nothing) Started(*File, *Test) {}
func (*nothing) Done(*File, *Result)  {}
func (n *nothing) File(run *FileRun)  { n.runs = append(n.runs, run) }

// write replaces a file in one step. Only its owner may read it, because it contains
// addresses and messages.
func write(path string, f func(w io.Writer) error) (err error) {
	defer func() {
		if err != nil {
			err = &ReportError{path, err}
		}
	}()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		return err
	}
	return wholefile.Replace(path, b.Bytes(), 0o600) //mutant:reports-are-for-their-owner-only is "0o600" "0o644"
}

// ReportError reports a report file that could not be written.
type ReportError struct {
	Path string
	Err  error
}

// Error names the report.
func (e *ReportError) Error() string { return fmt.Sprintf("report %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *ReportError) Unwrap() error { return e.Err }

// failureText returns the failures of a result with their transcripts, as lines.
func failureText(f *File, r *Result, most int) []string {
	var out []string
	for _, fail := range r.Failures {
		out = append(out, describe(fail, sourceOf(f, fail))...)
	}
	for _, c := range r.Conversations {
		var failed *reply.Reply
		if n := len(r.Failures); n > 0 {
			failed = r.Failures[n-1].Reply
		}
		out = append(out, conversation(c, failed, most)...)
	}
	return out
}

// firstLine returns the first failure on one line.
func firstLine(r *Result) string {
	if len(r.Failures) == 0 {
		return ""
	}
	return transcript.Escape(transcript.BriefText(strings.ReplaceAll(message(r.Failures[0]), "\n", "; ")))
}

// message returns the text of a failure. For a test that was stopped, that is why it was
// stopped, not the wait that was interrupted.
func message(f *Failure) string {
	switch {
	case f.limit() != nil:
		return f.limit().Error()
	case f.Message == "" && f.Want != "":
		return "want " + f.Want + ", got " + short(f.Got)
	}
	return f.Message
}

// xmlText escapes characters that XML 1.0 or a terminal does not allow as \xHH.
func xmlText(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = transcript.Escape(strings.ReplaceAll(l, "\t", "  "))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "]]>", "]] >")
}

// targetText returns the server and the note about it.
func (s *Summary) targetText() string {
	if s.TargetNote == "" {
		return s.Target
	}
	return s.Target + " (" + s.TargetNote + ")"
}

// TAP writes the Test Anything Protocol, version 14.
type TAP struct {
	nothing
	Path string
}

// End writes the file.
func (t *TAP) End(s *Summary) error {
	return write(t.Path, func(w io.Writer) error {
		var b strings.Builder
		n := 0
		for _, run := range t.runs {
			if run.Err != nil {
				n++
				fmt.Fprintf(&b, "not ok %d - %s\n", n, tapText(run.File.Name))
				diagnostics(&b, loadError(run))
			}
			for _, r := range run.Results {
				n++
				switch r.Status {
				case Passed:
					fmt.Fprintf(&b, "ok %d - %s\n", n, tapText(r.Test.Full()))
				case Skipped:
					fmt.Fprintf(&b, "ok %d - %s # SKIP %s\n", n, tapText(r.Test.Full()), tapText(r.Reason))
				case Pending:
					fmt.Fprintf(&b, "not ok %d - %s # TODO\n", n, tapText(r.Test.Full()))
				case Untried, Warned:
					tapVerdict(&b, n, run.File, r)
				default:
					fmt.Fprintf(&b, "not ok %d - %s\n", n, tapText(r.Test.Full()))
					diagnostics(&b, failureText(run.File, r, 0))
				}
			}
		}
		b.WriteString(noteLines("# ", s.Notes))
		if s.Interrupted {
			b.WriteString("Bail out! interrupted\n")
		}
		target := ""
		if s.Target != "" {
			target = "# target: " + tapText(s.targetText()) + "\n"
		}
		_, err := fmt.Fprintf(w, "TAP version 14\n%s1..%d\n%s", target, n, b.String())
		return err
	})
}

func tapText(s string) string {
	return strings.NewReplacer("\\", "\\\\", "#", "\\#").Replace(transcript.Escape(strings.ReplaceAll(s, "\n", " ")))
}

func diagnostics(b *strings.Builder, lines []string) {
	b.WriteString("  ---\n  message: |\n")
	for _, l := range lines {
		b.WriteString("    " + l + "\n")
	}
	b.WriteString("  ...\n")
}

// JSON writes all results as one JSON object.
type JSON struct {
	nothing
	Path string
}

// JSONReport is what [JSON] writes.
type JSONReport struct {
	Target      string     `json:"target,omitempty" doc:"tested server"`
	TargetNote  string     `json:"target_note,omitempty" doc:"origin of the target, if it is the default"`
	Passed      int        `json:"passed" doc:"tests that passed"`
	Failed      int        `json:"failed" doc:"tests that failed"`
	Errors      int        `json:"errors" doc:"tests that ended with an error, and files that could not be loaded"`
	Skipped     int        `json:"skipped" doc:"tests that were skipped"`
	Pending     int        `json:"pending" doc:"tests that have no body yet"`
	Warned      int        `json:"warned" doc:"tests of a should or an advice that failed (warnings)"`
	Untried     int        `json:"untried" doc:"tests that could not be tried"`
	Notes       []string   `json:"notes,omitempty" doc:"remarks about the whole run"`
	Interrupted bool       `json:"interrupted,omitempty" doc:"the user stopped the run"`
	Seconds     float64    `json:"seconds" doc:"duration of the run"`
	Seed        uint64     `json:"seed,omitempty" doc:"seed that repeats the random order"`
	Tests       []jsonTest `json:"tests" doc:"all tests, in the order in which they ended"`
}

type jsonTest struct {
	File     string        `json:"file" doc:"file of the test"`
	Line     int           `json:"line,omitempty" doc:"first line"`
	Name     string        `json:"name" doc:"name, after the names of its groups"`
	Tags     []string      `json:"tags,omitempty" doc:"its tags"`
	Level    string        `json:"level,omitempty" doc:"level of the rule: must, should or advice"`
	Clause   string        `json:"clause,omitempty" doc:"clause of an RFC that it tests"`
	Status   string        `json:"status" doc:"pass, fail, error, skip, pending, warn or untried"`
	Reason   string        `json:"reason,omitempty" doc:"why it was skipped or could not be tried"`
	Seconds  float64       `json:"seconds" doc:"how long it took"`
	Attempts int           `json:"attempts,omitempty" doc:"number of attempts, if more than one"`
	Failures []jsonFailure `json:"failures,omitempty" doc:"the failure"`
	Output   []string      `json:"output,omitempty" doc:"lines that it printed"`
	Sessions []jsonSession `json:"sessions,omitempty" doc:"transcripts of its sessions, if it did not pass"`
}

type jsonFailure struct {
	File    string `json:"file,omitempty" doc:"file where it failed"`
	Line    int    `json:"line,omitempty" doc:"line where it failed"`
	Message string `json:"message" doc:"the failure"`
	Kind    string `json:"kind,omitempty" doc:"kind of the error, as in Lua"`
	Want    string `json:"want,omitempty" doc:"what was expected"`
	Got     string `json:"got,omitempty" doc:"what was received"`
}

type jsonSession struct {
	Peer  string   `json:"peer" doc:"the peer of the session"`
	Lines []string `json:"lines" doc:"the transcript: C: and S: lines with times"`
}

// End writes the file.
func (j *JSON) End(s *Summary) error {
	out := JSONReport{
		transcript.Escape(s.Target), transcript.Escape(s.TargetNote), s.Passed,
		s.Failed, s.Broken + len(s.BadFiles), s.Skipped, s.Pending, s.Warned,
		s.Untried, s.Notes, s.Interrupted, s.Took.Seconds(), s.Seed, []jsonTest{},
	}
	for _, run := range j.runs {
		if run.Err != nil {
			out.Tests = append(out.Tests,
				jsonTest{File: run.File.Name, Name: "load", Status: "error", Failures: []jsonFailure{{Message: strings.Join(loadError(run), "\n")}}})
		}
		for _, r := range run.Results {
			t := jsonTest{
				File: run.File.Name, Line: r.Test.Line, Name: r.Test.Full(), Tags: r.Test.Tags,
				Level: string(r.Test.Level), Clause: r.Test.Clause, Status: string(r.Status),
				Reason: r.Reason, Seconds: r.Took.Seconds(), Attempts: r.Attempts,
				Output: r.Output,
			}
			for _, f := range r.Failures {
				jf := jsonFailure{File: f.File, Line: f.Line, Message: transcript.Escape(message(f))}
				if f.limit() != nil {
					jf.Kind = "timeout"
				} else {
					jf.Kind, jf.Want, jf.Got = f.Kind, f.Want, f.Got
				}
				t.Failures = append(t.Failures, jf)
			}
			if hasFindings(r) {
				for _, c := range r.Conversations {
					t.Sessions = append(t.Sessions, jsonSession{c.Name, strings.Split(strings.TrimRight(c.Text(0, transcript.WithTimes), "\n"), "\n")})
				}
			}
			out.Tests = append(out.Tests, t)
		}
	}
	return write(j.Path, func(w io.Writer) error {
		enc := json.NewEncoder(transcript.JSONWriter(w))
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	})
}

// GitHub writes workflow commands, which GitHub shows next to the lines of a change.
type GitHub struct {
	nothing
	W io.Writer
}

// End writes them.
func (g *GitHub) End(*Summary) error {
	var b strings.Builder
	for _, run := range g.runs {
		if run.Err != nil {
			fmt.Fprintf(&b, "::error file=%s::%s\n", property(run.File.Name), data(strings.Join(loadError(run), "\n")))
		}
		for _, r := range run.Results {
			for _, f := range r.Failures {
				fmt.Fprintf(&b, "::"+annotation(r)+" file=%s,line=%d,title=%s::%s\n", property(f.File), max(1, f.Line), property(r.Test.Full()),
					data(strings.Join(describe(f, nil), "\n")))
			}
		}
	}
	_, err := io.WriteString(g.W, b.String())
	return err
}

func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(transcript.Escape(s)))
}
