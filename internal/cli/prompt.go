package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/luabind"
	"smtpsh/repl"
	"smtpsh/repl/line"
)

// promptPatience is how long the prompt waits for a reply: a person is there and
// can press ^C, but should not have to.
const promptPatience = time.Minute

// prompt is smtpsh without a command.
func (a *app) prompt(ctx context.Context, args []string) error {
	target := ""
	if len(args) == 1 {
		target = args[0]
		if _, err := engine.ParseTarget(target); err != nil {
			return &usageError{err: err, hint: "write it as host:port, or sandbox:gmail"}
		}
	}
	if near := a.meantCommand(target); near != "" {
		return &usageError{err: fmt.Errorf("there is no command %s", target), hint: "did you mean " + near + "? A host without a dot is written smtp://" + target}
	}
	if a.conn.timeout == 0 {
		a.conn.dialer.Options.Timeouts = engine.UniformTimeouts(promptPatience)
	}
	show := a.out.show
	show.ContentLines = -1
	return repl.Run(ctx, repl.Options{
		Dialer: &a.conn.dialer, Target: target, Out: a.Stdout, Show: show, JSON: a.out.format == "jsonl", Quiet: a.out.quiet,
		KeepGoing: a.out.keepGoing, Log: a.out.logSink, In: a.lineReader,
	})
}

// meantCommand finds the command of which a bare word is a misspelling.
func (a *app) meantCommand(word string) string {
	if strings.ContainsAny(word, ".:/") || word == "localhost" {
		return ""
	}
	var names []string
	for _, c := range a.root().Commands() {
		names = append(names, c.Name())
	}
	return luabind.Suggest(word, names)
}

// lineReader edits on a terminal and reads plainly from anything else.
func (a *app) lineReader(complete line.Complete) (line.Reader, error) {
	in, isFile := a.Stdin.(*os.File)
	out, outIsFile := a.Stdout.(*os.File)
	if isFile && outIsFile && a.Terminal(in) && a.Terminal(out) {
		// ^C ends a wait, not the program: the prompt listens for it while it
		// waits, and at all other times it must do nothing
		signal.Reset(os.Interrupt)
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
		return line.NewTerminal(in, out, a.historyFile(), complete)
	}
	return line.NewPiped(a.Stdin, a.Stdout), nil
}

// historyFile is where typed lines are kept between runs, "" for nowhere.
func (a *app) historyFile() string {
	dir := a.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home := a.Getenv("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "smtpsh", "history")
}
