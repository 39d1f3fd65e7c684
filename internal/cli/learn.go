package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/exit"
	"smtpsh/internal/lessons"
	"smtpsh/internal/suggest"
	"smtpsh/internal/wholefile"
	"smtpsh/repl/line"
)

func (a *app) learnCommand() *cobra.Command {
	var list, reset, check bool
	var export, learner string
	cmd := &cobra.Command{
		Use: "learn [LESSON]", Short: "learn SMTP by talking it: a course at the prompt", DisableFlagsInUseLine: true,
		Long: `A course of short lessons at the prompt, on the built-in server. Each has goals,
hints (:hint), and a check of what you have achieved, not of what you typed.

Without an argument the course goes on where you left it. LESSON is a number, a
name, or a file of your own: docs/guide/writing-a-lesson.md says how to write one.
What you have finished is kept.

--export FILE writes for a teacher what you have achieved: each lesson with its
steps, its times and the seconds that its steps took. It is JSON or CSV, as FILE
ends in .json or .csv. With a LESSON it is written when that lesson is over.`,
		Example: "  smtpsh learn\n  smtpsh learn --list\n  smtpsh learn first-hello\n  smtpsh learn my-lesson.lua\n  smtpsh learn --export " +
			"ann.csv --learner Ann",
		Args: a.args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			school, err := a.school()
			if err != nil {
				return err
			}
			if export != "" {
				if err := checkExport(export); err != nil {
					return err
				}
			}
			switch {
			case reset:
				return a.forget(school, args)
			case list && len(args) > 0:
				return &usageError{
					err:  fmt.Errorf("--list shows all lessons, and %s was named", args[0]),
					hint: "smtpsh learn " + args[0] + " begins that lesson",
				}
			case list:
				fmt.Fprint(a.Stdout, school.List())
				return nil
			case export != "" && len(args) == 0:
				return a.export(school, export, learner)
			}
			if check && len(args) == 0 {
				return &usageError{err: errors.New("--check requires a lesson"), hint: "as in smtpsh learn --check my-lesson.lua"}
			}
			err = a.learn(cmd.Context(), school, args, check)
			if export != "" {
				err = errors.Join(err, a.export(school, export, learner))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "show the lessons and which are finished")
	cmd.Flags().BoolVar(&reset, "reset", false, "delete the stored progress; with a LESSON, only that of the lesson")
	cmd.Flags().BoolVar(&check, "check", false, "play a lesson by its own lines: each wrong turn must fail, each way must lead to the goal")
	cmd.Flags().StringVar(&export, "export", "", "write what was achieved to `FILE`, whose name ends in .json or .csv")
	cmd.Flags().StringVar(&learner, "learner", "", "`NAME` of the learner in the export (default: the user's)")
	cmd.MarkFlagsMutuallyExclusive("list", "reset", "check", "export")
	return cmd
}

// checkExport refuses a file that the export could not be written to, before a lesson
// is held.
func checkExport(file string) error {
	if err := lessons.CheckExportName(file); err != nil {
		return &usageError{err: fmt.Errorf("--export: %w", err), hint: "name a file such as class.csv or class.json"}
	}
	if err := wholefile.Check(file); err != nil {
		return &usageError{err: fmt.Errorf("--export: %w", err), hint: "name a file in a folder that exists and can be written"}
	}
	return nil
}

// export writes the report for a teacher.
func (a *app) export(school *lessons.School, file, learner string) error {
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if learner == "" {
			learner = a.Getenv(name)
		}
	}
	if learner == "" {
		if u, err := user.Current(); err == nil {
			learner = u.Username
		}
	}
	b, err := school.Report(learner).Encode(file)
	if err == nil {
		err = wholefile.Replace(file, b, 0o600)
	}
	if err != nil {
		return &usageError{err: fmt.Errorf("--export: %w", err), hint: "name a file in a folder that exists, can be written and has room"}
	}
	return nil
}

// forget takes lessons off the list of those that are finished.
func (a *app) forget(school *lessons.School, args []string) error {
	name, what := "", "nothing is finished now"
	if len(args) == 1 {
		e, ok := lessons.Find(args[0])
		if !ok {
			return &usageError{err: fmt.Errorf("--reset: %w: %s", lessons.ErrNoLesson, args[0]), hint: "smtpsh learn --list shows them"}
		}
		name, what = e.Name, e.Name+" is not finished now"
	}
	if err := school.Progress.Reset(name); err != nil {
		return &usageError{err: err, hint: "is the file yours?"}
	}
	fmt.Fprintln(a.Stdout, "  "+what)
	return nil
}

// learn holds a lesson: the one that was named, or the next.
func (a *app) learn(ctx context.Context, school *lessons.School, args []string, check bool) error {
	what := school.Next(0)
	if len(args) == 1 {
		what = args[0]
	}
	if what == "" {
		fmt.Fprint(a.Stdout, school.List())
		fmt.Fprintln(a.Stdout, "  smtpsh learn LESSON repeats one, --reset begins anew")
		return nil
	}
	c, err := school.Open(ctx, what)
	switch {
	case errors.Is(err, lessons.ErrNoLesson):
		hint := a.rightForm("learn", what)
		if near := suggest.Name(what, lessonNames()); hint == "" && near != "" {
			hint = "did you mean " + near + "?"
		}
		return &usageError{err: err, hint: or(hint, "smtpsh learn --list shows them; a file of your own is named with its path")}
	case err != nil:
		return err
	}
	if check {
		return a.rehearse(ctx, school, c)
	}
	return a.runPrompt(ctx, c.Lesson.Server, school, c)
}

func lessonNames() []string {
	var out []string
	for _, e := range lessons.Entries() {
		out = append(out, e.Name)
	}
	return out
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// rehearse plays a lesson by its own lines. Nothing counts as finished.
func (a *app) rehearse(ctx context.Context, school *lessons.School, c *lessons.Course) error {
	var out bytes.Buffer
	r := &rehearsal{Reader: line.NewPiped(strings.NewReader(""), &out), lines: c.Rehearse()}
	c.Entry.Number = 0
	err := a.runPromptWith(ctx, c.Lesson.Server, school, c, func(line.Complete) (line.Reader, error) { return r, nil })
	if fault := r.lines.Fault(); fault != "" {
		io.Copy(a.Stdout, &out) //nolint:errcheck // the error says what matters
		return &lessonFault{c.Lesson.File, fault}
	}
	if err != nil {
		return err
	}
	wrong := 0
	for _, s := range c.Lesson.Steps {
		if s.Wrong != "" {
			wrong++
		}
	}
	fmt.Fprintf(a.Stdout, "  %s: %d of %d goals reached, %d of %d wrong attempts rejected as they should be\n",
		c.Lesson.Title, len(c.Lesson.Steps), len(c.Lesson.Steps), wrong, wrong)
	return nil
}

// lessonFault is a lesson that does not do what it says.
type lessonFault struct{ file, fault string }

// Error says in which step.
func (e *lessonFault) Error() string { return e.file + ": " + e.fault }

// ExitStatus is that of an expectation that was not met.
func (e *lessonFault) ExitStatus() int { return exit.Failed }

// rehearsal types the lines of a lesson.
type rehearsal struct {
	line.Reader
	lines *lessons.Rehearsal
}

func (r *rehearsal) ReadLine(string) (string, error) {
	if text, ok := r.lines.Next(); ok {
		return text, nil
	}
	return "", io.EOF
}
