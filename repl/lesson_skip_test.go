package repl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/lessons"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/repl"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

// kept opens the course with a progress file.
func kept(t *testing.T, d *dialer.Dialer, file string) *lessons.School {
	t.Helper()
	p, err := lessons.OpenProgress(file)
	if err != nil {
		t.Fatal(err)
	}
	return &lessons.School{Progress: p, VM: func(dir string) *luabind.VM {
		return luabind.New(&host{d}, luabind.Options{Library: all.Library(), Dir: dir})
	}}
}

// learn types lines in a lesson and returns the output and the error of the prompt.
func learn(t *testing.T, file, lesson, text string) (string, error) {
	t.Helper()
	d := &dialer.Dialer{}
	defer d.Close()
	s := kept(t, d, file)
	c, err := s.Open(t.Context(), lesson)
	if err != nil {
		t.Fatal(err)
	}
	p := &typist{&person{}, strings.Split(text, "\n")}
	err = repl.Run(t.Context(), repl.Options{
		Dialer: d, Target: c.Lesson.Server, Show: transcript.TextOptions{ContentLines: -1}, School: s, Lesson: c, Lua: &host{d},
		In: func(line.Complete) (line.Reader, error) { return p, nil },
	})
	return p.out.String(), err
}

// TestEndOfLessonMatchesStoredProgress compares the text at the end of a lesson with the
// progress file and with the error of the run.
func TestEndOfLessonMatchesStoredProgress(t *testing.T) {
	const one, two, three = "EHLO me\n", "NOOP\n", "QUIT\n"
	rows := []struct {
		name, lines, says string
		done              bool // in the file
		steps             int  // in the file
	}{
		{"all steps", one + two + three, "Finished.", true, 3},
		{"the first step is skipped", ":skip\n" + one + two + three, "You skipped steps, so it does not", false, 2},
		{"a middle step is skipped", one + ":skip\n" + three, "You skipped steps, so it does not", false, 2},
		{"the last step is skipped", one + two + ":skip", "You skipped steps, so it does not", false, 2},
		{"all steps are skipped", ":skip\n:skip\n:skip", "You skipped steps, so it does not", false, 0},
		{"not finished", one + two, "", false, 2},
		{"skipped, then repeated", ":skip\n:lesson 1\n" + one + two + three, "Finished.", true, 3},
		{"skipped, then the next lesson", ":skip\n:skip\n:skip\n:lesson next\n", "You skipped steps, so it does not", false, 0},
		{"left for another lesson", one + ":lesson 2\n:lesson 1\n" + two + three, "", false, 1},
		{
			"finished, then replayed with a skip",
			one + two + three + ":lesson 1\n" + one + ":skip\n:skip",
			"End of the lesson. You skipped steps this time, but", true, 3,
		},
		{"finished twice", one + two + three + ":lesson 1\n" + one + two + three, "Finished.", true, 3},
		{"after the end", one + two + three + ":reconnect\n" + one, "Finished.", true, 3},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "lessons.json")
			out, _ := learn(t, file, "1", r.lines)
			p, err := lessons.OpenProgress(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Record("first-hello"); p.Done("first-hello") != r.done || got.Steps != r.steps {
				t.Errorf("stored: %+v", got)
			}
			if r.says != "" && !strings.Contains(strings.Join(strings.Fields(out), " "), r.says) || r.says == "" && strings.Contains(out,
				"Finished.") {
				t.Errorf("said:\n%s", out)
			}
		})
	}
	out, err := learn(t, filepath.Join(t.TempDir(), "p"), "2",
		"EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n:skip\n:answer envelope")
	if err == nil || !strings.Contains(out, "does not count as finished") {
		t.Errorf("%v\n%s", err, out)
	}
	// progress that cannot be stored is reported together with the end of the lesson
	out, err = learnUnkept(t, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "cannot store your progress") || strings.Contains(err.Error(), "has an error") ||
		!strings.Contains(out, "250 means done") {
		t.Errorf("%v\n%s", err, out)
	}
}

// learnUnkept finishes a step after the progress file has become unreadable.
func learnUnkept(t *testing.T, dir string) (string, error) {
	t.Helper()
	d := &dialer.Dialer{Options: engine.Options{}}
	defer d.Close()
	file := filepath.Join(dir, "lessons.json")
	s := kept(t, d, file)
	if err := os.WriteFile(file, []byte("{broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := s.Open(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	p := &typist{&person{}, []string{"EHLO me"}}
	err = repl.Run(t.Context(), repl.Options{
		Dialer: d, Target: c.Lesson.Server, Show: transcript.TextOptions{}, School: s, Lesson: c, Lua: &host{d},
		In: func(line.Complete) (line.Reader, error) { return p, nil },
	})
	if b, _ := os.ReadFile(file); string(b) != "{broken" {
		t.Errorf("the file was overwritten: %s", b)
	}
	return p.out.String(), err
}

// TestRemarkNamesTheWrongPart checks that the remark of lesson 2 names the header field
// that is wrong.
func TestRemarkNamesTheWrongPart(t *testing.T) {
	const all = "EHLO me\nMAIL FROM:<ann@example.org>\nRCPT TO:<bob@sandbox.test>\n"
	for header, want := range map[string]string{
		"Subject: x":                                               "its From has no address",
		"From: nobody\nTo: x@example.org":                          "its From has no address",
		"From: q@example.org":                                      "its To has no address",
		"From: Ann <ann@example.org>\nTo: x@example.org":           "its From is the sender in the envelope",
		"From: q@example.org\nTo: x@example.org, bob@sandbox.test": "its To names bob",
	} {
		out, _ := learn(t, "", "2", all+"DATA\n"+header+"\n\nhello\n.")
		if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(out, "\n?", "")), " "), want) {
			t.Errorf("%q: the remark does not say %q:\n%s", header, want, out)
		}
	}
	out, _ := learn(t, "", "2",
		all+"RSET\n"+fmt.Sprintf(letter, "ann@example.org", "ann@sandbox.test", "From: q@example.org\nTo: x@example.org"))
	if !strings.Contains(out, "bob is not a recipient") {
		t.Errorf("%s", out)
	}
}
