package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"smtpsh/internal/lessons"
)

func (a *app) learnCommand() *cobra.Command {
	var list, reset bool
	cmd := &cobra.Command{
		Use: "learn [LESSON]", Short: "learn SMTP by talking it: a course at the prompt", DisableFlagsInUseLine: true,
		Long: `A course of short lessons at the prompt, on the built-in server. Each has goals,
hints (:hint), and a check of what you have achieved, not of what you typed.

Without an argument the course goes on where you left it. LESSON is a number, a
name, or a file of your own: docs/guide/writing-a-lesson.md says how to write one.
What you have finished is kept.`,
		Example: "  smtpsh learn\n  smtpsh learn --list\n  smtpsh learn first-hello\n  smtpsh learn my-lesson.lua",
		Args:    a.args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			school, err := a.school()
			if err != nil {
				return err
			}
			switch {
			case reset:
				if err := school.Progress.Reset(); err != nil {
					return &usageError{err: err, hint: "is the file yours?"}
				}
				fmt.Fprintln(a.Stdout, "  nothing is finished now")
				return nil
			case list:
				fmt.Fprint(a.Stdout, school.List())
				return nil
			}
			return a.learn(cmd.Context(), school, args)
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "show the lessons and which are finished")
	cmd.Flags().BoolVar(&reset, "reset", false, "forget which are finished")
	cmd.MarkFlagsMutuallyExclusive("list", "reset")
	return cmd
}

// learn holds a lesson: the one that was named, or the next.
func (a *app) learn(ctx context.Context, school *lessons.School, args []string) error {
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
		return &usageError{err: err, hint: "smtpsh learn --list shows them; a file of your own is named with its path"}
	case err != nil:
		return err
	}
	return a.hold(ctx, c.Lesson.Server, school, c)
}
