package testrun

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"smtpsh/transcript"
)

// Human writes the report for people: a line for each test, failures in full, and a
// progress line while tests run on a terminal.
type Human struct {
	W     io.Writer
	Color bool
	// Live draws a progress line; for terminals only.
	Live  bool
	Width int
	// Again returns the command line that repeats one test, chosen by its file (FILE or
	// FILE:LINE) and its exact name, which may be "".
	Again func(file, name string) string
	// Quiet omits the tests that passed.
	Quiet bool

	running []string
	counts  map[Status]int
	drawn   bool
	reasons map[string]string // reason of a skip: the first test skipped for it
	untried string            // reason of the test before, if it could not be tried
	failed  []string          // one line for each failure, for the summary
}

var marks = map[Status]string{Passed: "✓", Failed: "✗", Broken: "✗", Skipped: "-", Pending: "…", Untried: "?", Warned: "!"}

var colours = map[Status]string{
	Passed: "\x1b[32m", Failed: "\x1b[31m", Broken: "\x1b[31m",
	Skipped: "\x1b[35m", Pending: "\x1b[34m", Untried: "\x1b[33m",
	Warned: "\x1b[33m",
}

func (h *Human) paint(s Status, text string) string {
	if !h.Color {
		return text
	}
	return colours[s] + text + "\x1b[0m"
}

func (h *Human) bold(text string) string {
	if !h.Color {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// Started draws the progress line.
func (h *Human) Started(_ *File, t *Test) {
	h.running = append(h.running, t.Full())
	h.draw()
}

// Done counts the result and draws the progress line.
func (h *Human) Done(_ *File, r *Result) {
	if h.counts == nil {
		h.counts = map[Status]int{}
	}
	h.counts[r.Status]++
	for i, n := range h.running {
		if n == r.Test.Full() {
			h.running = append(h.running[:i], h.running[i+1:]...)
			break
		}
	}
	h.draw()
}

func (h *Human) draw() {
	if !h.Live {
		return
	}
	text := fmt.Sprintf("%d passed", h.counts[Passed])
	if n := h.counts[Failed] + h.counts[Broken]; n > 0 {
		text += fmt.Sprintf(", %d failed", n)
	}
	if len(h.running) > 0 {
		text += "; " + transcript.Escape(h.running[0])
		if len(h.running) > 1 {
			text += fmt.Sprintf(" and %d more", len(h.running)-1)
		}
	}
	width := h.Width
	if width <= 0 {
		width = 80
	}
	if r := []rune(text); len(r) > width-1 {
		text = string(r[:width-2]) + "…"
	}
	fmt.Fprint(h.W, "\r\x1b[K"+text)
	h.drawn = true
}

func (h *Human) clear() {
	if h.drawn {
		fmt.Fprint(h.W, "\r\x1b[K")
		h.drawn = false
	}
}

// File writes a file's results.
func (h *Human) File(run *FileRun) {
	if len(run.Results) == 0 && run.Err == nil {
		return
	}
	h.clear()
	var b strings.Builder
	bad := run.Err != nil
	for _, r := range run.Results {
		bad = bad || hasFindings(r) || r.Status == Untried
	}
	if !h.Quiet || bad {
		b.WriteString(h.bold(transcript.Escape(run.File.Name)) + "\n")
	}
	if run.Err != nil {
		lines := loadError(run)
		b.WriteString(h.paint(Broken, "✗") + " " + strings.Join(lines, "\n  ") + "\n")
		h.failed = append(h.failed, h.paint(Broken, marks[Broken])+" "+lines[0])
	}
	for _, r := range run.Results {
		if !h.Quiet || hasFindings(r) || r.Status == Untried {
			h.result(&b, run, r)
		}
	}
	io.WriteString(h.W, b.String()) //nolint:errcheck // an error of the terminal cannot be reported
	h.draw()
}

// loadError describes why a file could not be loaded.
func loadError(run *FileRun) []string {
	var e *FileError
	if !errors.As(run.Err, &e) {
		return []string{brief(run.File.Name + ": " + run.Err.Error())}
	}
	out := []string{brief(e.Text)}
	if e.Source != "" {
		out = append(out, "  "+transcript.Escape(transcript.Brief(strings.ReplaceAll(e.Source, "\t", "  "))))
	}
	if e.Hint != "" {
		out = append(out, "hint: "+brief(e.Hint))
	}
	return out
}

// brief escapes an error text for a terminal and shortens long values in it.
func brief(s string) string { return transcript.Escape(transcript.BriefText(s)) }

func (h *Human) result(b *strings.Builder, run *FileRun, r *Result) {
	f := run.File
	name := transcript.Escape(Title(r.Test))
	line := h.paint(r.Status, marks[r.Status]) + " " + name
	if r.Took > 0 {
		line += fmt.Sprintf(" (%.2fs)", r.Took.Seconds())
	}
	if r.Attempts > 1 {
		line += fmt.Sprintf(", %d attempts", r.Attempts)
	}
	if r.Status == Skipped {
		line += ": " + h.reason(r)
	}
	untried := reasonUntried(r)
	if untried != "" && r.Reason == h.untried {
		untried = sameReason
	}
	h.untried = ""
	if r.Status == Untried {
		h.untried = r.Reason
	}
	b.WriteString(line + untried + "\n")
	if !hasFindings(r) {
		return
	}
	at := place(r.Test)
	if len(r.Failures) > 0 && r.Failures[0].File == f.Name && r.Failures[0].Line > 0 {
		first := r.Failures[0]
		at = fmt.Sprintf("%s:%d", first.File, first.Line)
	}
	h.failed = append(h.failed,
		h.paint(r.Status, marks[r.Status])+" "+fmt.Sprintf("%s: %s: %s", transcript.Escape(at), transcript.Escape(r.Test.Full()), firstLine(r)))
	var shown []*transcript.Log
	for _, fail := range r.Failures {
		for _, l := range describe(fail, sourceOf(f, fail)) {
			b.WriteString("  " + l + "\n")
		}
		log := ofFailure(r, fail)
		if log != nil && !slices.Contains(shown, log) {
			shown = append(shown, log)
			for _, l := range conversation(log, fail.Reply, shownLines) {
				b.WriteString("  " + l + "\n")
			}
		}
	}
	if len(r.Output) > 0 {
		b.WriteString("  output\n")
		for _, l := range r.Output {
			b.WriteString("    " + transcript.Escape(strings.ReplaceAll(l, "\t", "  ")) + "\n")
		}
	}
	if h.Again != nil {
		b.WriteString("  run it again: " + transcript.Escape(h.again(run, r.Test)) + "\n")
	}
}

// reason returns why a test was skipped. A reason that several tests share is written once.
func (h *Human) reason(r *Result) string {
	if first, ok := h.reasons[r.Reason]; ok && first != r.Test.Full() {
		return "same reason as " + transcript.Escape(first)
	}
	if h.reasons == nil {
		h.reasons = map[string]string{}
	}
	h.reasons[r.Reason] = r.Test.Full()
	return transcript.Escape(r.Reason)
}

// place returns FILE:LINE of a test.
func place(t *Test) string {
	if t.Line <= 0 {
		return t.File
	}
	return fmt.Sprintf("%s:%d", t.File, t.Line)
}

// again returns the command that repeats a test. It uses the exact name, which stays valid
// when the file is edited. It uses the place if the name is not unique in the file, needs
// escapes, or would be read as a regular expression.
func (h *Human) again(run *FileRun, t *Test) string {
	if t.Line <= 0 { // a hook, for example: repeat the whole file
		return h.Again(run.File.Name, "")
	}
	name := t.Full()
	if newFilter(name).bad != nil || !run.Unique(t) || transcript.Escape(name) != name {
		return h.Again(place(t), "")
	}
	return h.Again(run.File.Name, name)
}

func sourceOf(f *File, fail *Failure) []byte {
	if fail.File == f.Name && !f.Bundled {
		return f.Source
	}
	return nil
}

// End writes the summary of failures and the counts.
func (h *Human) End(s *Summary) error {
	h.clear()
	h.Live = false
	if len(h.failed) > 0 {
		var b strings.Builder
		heading := "failed"
		switch {
		case s.Warned > 0 && s.Failed+s.Broken+len(s.BadFiles) == 0:
			heading = "warnings"
		case s.Warned > 0:
			heading = "failed, and warnings"
		}
		b.WriteString("\n" + h.bold(heading) + "\n")
		for _, l := range h.failed {
			b.WriteString("  " + l + "\n")
		}
		if _, err := io.WriteString(h.W, b.String()+"\n"); err != nil {
			return err
		}
	}
	parts := []string{h.paint(Passed, fmt.Sprintf("%d passed", s.Passed))}
	for _, c := range []struct {
		n      int
		words  string
		status Status
	}{
		{s.Failed + s.Broken, "failed", Failed},
		{s.Warned, warnings(s.Warned) + " (!)", Warned},
		{s.Untried, "could not be tried (?)", Untried}, {s.Skipped, "skipped (-)", Skipped},
		{s.Pending, "pending (…)", Pending},
		{len(s.BadFiles), badFiles(len(s.BadFiles)), Broken},
	} {
		if c.n > 0 {
			parts = append(parts, h.paint(c.status, fmt.Sprintf("%d %s", c.n, c.words)))
		}
	}
	line := strings.Join(parts, ", ") + fmt.Sprintf(" (%.2fs)", s.Took.Seconds())
	if s.Seed != 0 {
		line += fmt.Sprintf(", seed %d", s.Seed)
	}
	if s.Only > 0 {
		line += "; ran only the tests that are marked with only"
	}
	if s.Interrupted {
		line += "; interrupted"
		for i, name := range s.Cut {
			line += map[bool]string{true: " in ", false: ", "}[i == 0] + transcript.Escape(name)
		}
	}
	_, err := fmt.Fprint(h.W, line+"\n"+noteLines("note: ", s.Notes))
	return err
}

// badFiles returns the label for n files that could not be loaded.
func badFiles(n int) string {
	if n == 1 {
		return "file could not be loaded"
	}
	return "files could not be loaded"
}
