package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/secret"
	"smtpsh/internal/inspect"
	"smtpsh/internal/lessons"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/repl"
	"smtpsh/repl/line"
	"smtpsh/scripts"
	"smtpsh/transcript"
)

// promptPatience limits the wait for a reply at the prompt. The user can press ^C, but
// should not have to.
const promptPatience = time.Minute

// prompt runs smtpsh without a command.
func (a *app) prompt(ctx context.Context, args []string) error {
	target, err := a.promptTarget(args)
	if err != nil {
		return err
	}
	if err := a.requireServer(target); err != nil {
		return err
	}
	if target == "" && !a.Terminal(a.Stdin) { // on a terminal the prompt shows the target
		(&targetAnnouncer{a: a}).announce("")
	}
	if err := a.readInspect(); err != nil {
		return err
	}
	school, err := a.school()
	if err != nil { // the prompt does not use it
		school = nil
	}
	return a.runPrompt(ctx, target, school, nil)
}

// readInspect reads --inspect, or else the environment variable.
func (a *app) readInspect() (err error) {
	from, text := "--inspect", a.inspectFlag
	if text == "" {
		from, text = "SMTPSH_INSPECT", a.Getenv("SMTPSH_INSPECT")
	}
	if text == "" {
		return nil
	}
	if a.inspect, err = inspect.ParseAddress(text); err != nil {
		return &usageError{err: fmt.Errorf("%s: %w", from, err), hint: "copy the value that smtpsh sandbox --inspect ADDR:PORT prints"}
	}
	a.conn.dialer.Options.Secrets.Add(a.inspect.Token)
	return nil
}

// runPrompt runs the prompt, with a lesson if there is one.
func (a *app) runPrompt(ctx context.Context, target string, school *lessons.School, lesson *lessons.Course) error {
	return a.runPromptWith(ctx, target, school, lesson, a.lineReader)
}

// runPromptWith is runPrompt with another source of input lines.
func (a *app) runPromptWith(ctx context.Context, target string, school *lessons.School, lesson *lessons.Course,
	in func(line.Complete) (line.Reader, error)) error {
	if a.conn.timeout == 0 {
		a.conn.dialer.Options.Timeouts = engine.UniformTimeouts(promptPatience)
	}
	show := a.out.show
	show.ContentLines = -1
	return repl.Run(ctx, repl.Options{
		Dialer: &a.conn.dialer, Target: target, Show: show,
		JSON: a.out.format == "jsonl", Quiet: a.out.quiet,
		KeepGoing: a.out.keepGoing, Teach: a.teach, Log: a.out.logSink, In: in,
		School: school, Lesson: lesson, Inspect: a.inspect,
		Lua: &scriptHost{app: a, out: a.Stdout}, Script: a.luaOptions,
		ReadScript: a.readScript, Limits: a.limits(),
		GiveUp: func() { a.die(errAgain) }, Scripts: scripts.Names(),
		Secret: a.secretFrom, Editor: a.editor(), Pager: a.Getenv("PAGER"),
	})
}

// secretFrom reads a secret for :login, from a source or by the name of one that was given.
func (a *app) secretFrom(ctx context.Context, source string) (string, error) {
	if strings.HasPrefix(source, "@") {
		from, err := secret.Parse(source)
		if err != nil {
			return "", err
		}
		readers := a.secretReaders()
		delete(readers, secret.Prompt) // the prompt asks the question itself
		return readers.Read(ctx, "password", from)
	}
	s, known, err := a.vars.secret(ctx, a, source)
	if err == nil && !known {
		err = fmt.Errorf("%s is not the name of a --secret", transcript.Escape(source))
	}
	return s, err
}

// editor returns the editor of the user, or else the one that every system has.
func (a *app) editor() string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		if e := a.Getenv(name); e != "" {
			return e
		}
	}
	return "vi"
}

// school returns the course and the lessons that the learner has finished.
func (a *app) school() (*lessons.School, error) {
	progress, err := lessons.OpenProgress(a.stateFile("lessons.json"))
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("cannot read the stored progress: %w", err), hint: "repair or delete the file"}
	}
	return &lessons.School{Progress: progress, VM: func(dir string) *luabind.VM {
		o := luabind.Options{
			Library: all.Library(), Lib: scripts.Library(), Dir: dir,
			LuaTime: a.vars.luaLimit(), Limits: a.limits(), Stuck: a.die,
		}
		return luabind.New(&scriptHost{app: a, out: a.Stdout}, o)
	}}, nil
}

// lineReader edits lines on a terminal and reads other input as it is.
func (a *app) lineReader(complete line.Complete) (line.Reader, error) {
	in, isFile := a.Stdin.(*os.File)
	out, outIsFile := a.Stdout.(*os.File)
	if isFile && outIsFile && a.Terminal(in) && a.Terminal(out) {
		// ^C ends a wait, not the program: the prompt handles it while it waits, and at
		// other times it must do nothing
		a.atPrompt.Store(true)
		return line.NewTerminal(in, out, a.stateFile("history"), complete)
	}
	return line.NewPiped(a.Stdin, a.Stdout), nil
}

// stateFile returns the path for data that is kept between runs, "" if there is none.
func (a *app) stateFile(name string) string {
	dir := a.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home := a.Getenv("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "smtpsh", name)
}
