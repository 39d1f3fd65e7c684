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
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/lessons"
	"smtpsh/internal/suggest"
	"smtpsh/internal/wholefile"
	"smtpsh/repl/line"
)

func (a *app) learnCommand() *cobra.Command {
	var list, reset, check bool
	var export, learner string
	cmd := &cobra.Command{
		Use: "learn [LESSON]", Short: "learn SMTP in a course of short lessons at the prompt", DisableFlagsInUseLine: true,
		Long: `learn is a course of short lessons at the prompt, with the sandbox. Each lesson has
goals, hints (:hint), and a check of what you have achieved, not of what you typed.

Without an argument the course continues with the next lesson. LESSON is a number,
a name, or a file of your own (docs/guide/writing-a-lesson.md explains how to write
one). Your progress is stored.

--export FILE writes a report of your progress for a teacher: start and end of each
lesson, the steps finished, and the seconds that they took. FILE ends in .json or .csv. With
a LESSON the report is written when that lesson ends.`,
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
					err:  fmt.Errorf("--list shows all lessons; it cannot be combined with %s", args[0]),
					hint: "smtpsh learn " + args[0] + " begins that lesson",
				}
			case list:
				fmt.Fprint(a.Stdout, school.List())
				return nil
			case export != "" && len(args) == 0:
				return a.export(school, export, learner)
			}
			if check && len(args) == 0 {
				return &usageError{err: errors.New("--check requires a lesson"), hint: "for example smtpsh learn --check my-lesson.lua"}
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
	cmd.Flags().BoolVar(&check, "check", false, "test a lesson file with its own example lines: wrong answers must fail, right "+
		"ones must reach the goal")
	cmd.Flags().StringVar(&export, "export", "", "write the progress to `FILE`, which ends in .json or .csv")
	cmd.Flags().StringVar(&learner, "learner", "", "`NAME` of the learner in the export (default: the user's)")
	cmd.MarkFlagsMutuallyExclusive("list", "reset", "check", "export")
	return cmd
}

// checkExport returns an error if the export could not be written, before a lesson begins.
func checkExport(file string) error {
	if err := lessons.CheckExportName(file); err != nil {
		return &usageError{err: fmt.Errorf("--export: %w", err), hint: "name a file such as class.csv or class.json"}
	}
	if err := wholefile.Check(file); err != nil {
		return &usageError{err: fmt.Errorf("--export: %w", err), hint: "name a file in a writable folder"}
	}
	return nil
}

// export writes the report for the teacher.
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
		return &usageError{err: fmt.Errorf("--export: %w", err), hint: "name a file in a writable folder with free disk space"}
	}
	return nil
}

// forget removes lessons from the list of finished lessons.
func (a *app) forget(school *lessons.School, args []string) error {
	name, what := "", "the progress of all lessons was deleted"
	if len(args) == 1 {
		e, ok := lessons.Find(args[0])
		if !ok {
			return &usageError{err: fmt.Errorf("--reset: %w: %s", lessons.ErrNoLesson, args[0]), hint: "smtpsh learn --list shows them"}
		}
		name, what = e.Name, e.Name+" is no longer marked as finished"
	}
	if err := school.Progress.Reset(name); err != nil {
		return &usageError{err: err, hint: "check the permissions of the file"}
	}
	fmt.Fprintln(a.Stdout, "  "+what)
	return nil
}

// number matches the number of a lesson.
var number = lazyregexp.New(`^-?[0-9]+$`)

// learn starts the lesson that was named, or the next one.
func (a *app) learn(ctx context.Context, school *lessons.School, args []string, check bool) error {
	what := school.Next(0)
	if len(args) == 1 {
		what = args[0]
	}
	if what == "" {
		fmt.Fprint(a.Stdout, school.List())
		fmt.Fprintln(a.Stdout, "  smtpsh learn LESSON repeats a lesson; --reset deletes the progress")
		return nil
	}
	c, err := school.Open(ctx, what)
	switch {
	case errors.Is(err, lessons.ErrNoLesson):
		hint := ""
		if number().MatchString(what) {
			hint = fmt.Sprintf("the lessons are 1 to %d; smtpsh learn --list shows them", len(lessons.Entries()))
		}
		hint = or(hint, a.rightForm("learn", what))
		if near := suggest.Name(what, lessonNames()); hint == "" && near != "" {
			hint = "did you mean " + near + "?"
		}
		return &usageError{err: err, hint: or(hint, "smtpsh learn --list shows the lessons; give the path of a file of your own")}
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

// rehearse plays a lesson with its own commands. It does not change the list of finished
// lessons.
func (a *app) rehearse(ctx context.Context, school *lessons.School, c *lessons.Course) error {
	var out bytes.Buffer
	r := &rehearsal{Reader: line.NewPiped(strings.NewReader(""), &out), lines: c.Rehearse()}
	c.Entry.Number = 0
	err := a.runPromptWith(ctx, c.Lesson.Server, school, c, func(line.Complete) (line.Reader, error) { return r, nil })
	if fault := r.lines.Fault(); fault != "" {
		io.Copy(a.Stdout, &out) //nolint:errcheck // the error has the important text
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

// lessonFault is a lesson that does not work as it promises.
type lessonFault struct{ file, fault string }

// Error names the step.
func (e *lessonFault) Error() string { return e.file + ": " + e.fault }

// ExitStatus returns the status of an expectation that was not met.
func (e *lessonFault) ExitStatus() int { return exit.Failed }

// rehearsal types the commands of a lesson.
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
