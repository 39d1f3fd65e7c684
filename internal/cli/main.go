package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/internal/inspect"
	"smtpsh/internal/nearby"
	"smtpsh/internal/pipe"
)

// World contains everything outside of the program that it uses.
type World struct {
	Args   []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
	// Environ returns the whole environment; nil means an empty one.
	Environ func() []string
	// Terminal reports whether a stream is a terminal.
	Terminal func(stream any) bool
	// Interrupts are the signals that end the program; nil in tests.
	Interrupts []os.Signal
	// Context ends the program too; nil means the background.
	Context context.Context
	// Patience is the time after which a line on Stderr reports what the program is
	// waiting for if a server is silent; 0 means the default.
	Patience time.Duration
}

// System returns the world of the running process.
func System() World {
	return World{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ,
		Terminal: func(stream any) bool {
			f, ok := stream.(*os.File)
			return ok && term.IsTerminal(int(f.Fd()))
		},
		Interrupts: []os.Signal{os.Interrupt, syscall.SIGTERM},
	}
}

// app is one run of the program.
type app struct {
	outcome string // of smtpsh send; shown on standard error if standard output is lost
	World
	conn     connFlags
	out      outFlags
	vars     varFlags
	profiler profiler
	// unsafe lets scripts use files and programs.
	unsafe bool
	// teach shows explanations at the prompt.
	teach bool
	// inspect is the address of a sandbox on another machine whose mailboxes the prompt
	// shows.
	inspect     inspect.Address
	inspectFlag string
	ctx         context.Context // of the whole run
	tree        *cobra.Command
	waitNotices waitNotices
	atPrompt    atomic.Bool    // the prompt handles ^C
	restore     func()         // restores the mode of the terminal; nil without a terminal
	given       *pflag.FlagSet // of smtpsh test
	serving     bool           // smtpsh sandbox is running
}

// Main runs the program and returns its exit status.
func Main(w World) int {
	a := &app{World: w}
	if err := a.refuseClosedOutput(); err != nil {
		a.complain(err)
		return exitstatus.Of(err)
	}
	ended := a.watchOutput()
	ctx := w.Context
	if ctx == nil {
		ctx = context.Background()
	}
	a.keepTerminal()
	ctx, over := a.interruptible(ctx)
	defer over()
	a.ctx = ctx
	root := a.root()
	a.tree = root // only once, because it sets the flags to their defaults
	root.SetIn(w.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(w.Stderr)
	a.addCompletion(root)
	root.SetArgs(askedToComplete(root, w.Args))
	err := root.ExecuteContext(ctx)
	a.waitNotices.end()
	a.conn.close()
	if perr := a.profiler.stop(); err == nil {
		err = perr
	}
	if cerr := a.out.close(); err == nil && cerr != nil {
		err = cerr
	}
	if err = ended(err); err == nil {
		return exit.OK
	}
	a.complain(err)
	return exitstatus.Of(err)
}

// root is the command tree; each command is in a file of its own.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "smtpsh [TARGET [PORT]]",
		Short: "interactive SMTP client, test tool and test server",
		Long: `smtpsh is an interactive SMTP client, a test tool and a test server.

  smtpsh                           prompt, connected to the built-in sandbox
  smtpsh smtp.example.org:587      prompt, connected to a real server
  smtpsh send message.eml          send one message, with flags or from a file
  smtpsh run gmail-send            run a bundled script or your own
  smtpsh test suites               run the bundled tests, or your own
  smtpsh load keep-alive           measure how many messages a server accepts
  smtpsh learn                     learn SMTP in short lessons
  smtpsh sandbox                   start a test server for other programs
  smtpsh explain 5.7.26            explain a code, command or term

A TARGET is host, host:port, smtp://host, smtps://host, lmtp://host, unix:PATH,
lmtp+unix:PATH, pipe:COMMAND, sandbox:PROFILE or sandbox:PROFILE/SERVICE. The default port is
587; of smtps:// it is 465, of lmtp:// 24. Port 465 has implicit TLS.`,
		Args:                  a.args(0, 2),
		SilenceErrors:         true,
		SilenceUsage:          true,
		DisableAutoGenTag:     true,
		DisableFlagsInUseLine: true,
		RunE:                  func(cmd *cobra.Command, args []string) error { return a.prompt(cmd.Context(), args) },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err: err, hint: "see " + cmd.CommandPath() + " --help"}
	})
	groups := a.groups()
	for _, g := range groups {
		root.PersistentFlags().AddFlagSet(g.flags)
	}
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(a.Stdout, helpText(cmd, groups)) })
	a.profiler.register(root.PersistentFlags())
	root.Flags().BoolVar(&a.teach, "teach", false, "explain each new kind of line when it is sent or received")
	root.Flags().StringVar(&a.inspectFlag, "inspect", "",
		"sandbox on another machine, as `TOKEN@HOST:PORT`, for :mailbox and :accounts (default: $SMTPSH_INSPECT)")
	root.Flags().BoolVar(&a.out.keepGoing, "keep-going", false, "with input from a pipe: continue after rejected commands")
	root.AddCommand(a.sendCommand(), a.swaksCommand(), a.runCommand(), a.testCommand(), a.loadCommand(), a.checkCommand(),
		a.initCommand(), a.recordCommand(),
		a.sandboxCommand(), a.explainCommand(), a.learnCommand(), a.scriptsCommand(), a.luaMetaCommand(), a.versionCommand())
	root.CompletionOptions.HiddenDefaultCmd = false
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) }
	root.Flags().Bool("version", false, "print the version and exit")
	root.Version = versionText()
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]", Short: "show the help of a command", Hidden: true, Args: a.args(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			cmd, _, err := root.Find(args)
			if err != nil || cmd == root {
				hint := "smtpsh --help lists the commands; smtpsh explain " + args[0] + " explains a word of SMTP"
				if near := a.meantCommand(args[0]); near != "" {
					hint = "did you mean smtpsh help " + near + "?"
				}
				return &usageError{err: noCommand(args[0]), hint: hint}
			}
			return cmd.Help()
		},
	})
	return root
}

// prepare reads the flags and the environment.
func (a *app) prepare(cmd *cobra.Command) error {
	// a wrong environment for sessions must not stop commands that open no session
	getenv := a.Getenv
	if cmd.HasParent() && cmd.Name() != "send" && cmd.Name() != "run" && cmd.Name() != "test" && cmd.Name() != "load" {
		getenv = func(string) string { return "" }
	}
	if err := a.profiler.start(); err != nil {
		return err
	}
	if err := a.readVars(); err != nil {
		return err
	}
	if f := cmd.Flag("server"); f != nil && f.Changed && f.Value.String() == "" {
		return &usageError{err: errors.New("--server is empty"), hint: "name a server, or omit --server"}
	}
	a.conn.dialer.Nearby = &nearby.Finder{Dir: a.stateFile("sandboxes")}
	a.conn.dialer.Options.Start = pipe.Starter{Stderr: &programErrors{out: a.Stderr}}.Start
	if err := a.conn.prepare(a.ctx, getenv); err != nil {
		return err
	}
	a.watchWaits(cmd)
	return a.out.prepare(a, cmd.Name() == "sandbox")
}

// watchWaits reports long waits for silent servers if the transcript is not on the screen.
// The interactive prompt shows its waits itself, and load has its report.
func (a *app) watchWaits(cmd *cobra.Command) {
	conversationShown := a.Terminal(a.Stdout) && !a.out.quiet
	if cmd.Name() == "load" || conversationShown || !cmd.HasParent() && a.Terminal(a.Stdin) && a.Terminal(a.Stdout) {
		return
	}
	a.waitNotices.out, a.waitNotices.after = &lockedWriter{w: a.Stderr}, quietWait
	if a.Patience > 0 {
		a.waitNotices.after = a.Patience
	}
	a.conn.dialer.Options.Opening = a.waitNotices.add
}

// args returns a check of the number of arguments, with the errors of this program.
func (a *app) args(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return &usageError{err: fmt.Errorf("%s needs an argument", cmd.CommandPath()), hint: "usage: " + cmd.UseLine()}
		case high >= 0 && len(args) > high:
			hint := a.rightForm(cmd.Name(), args[high])
			switch {
			case !cmd.HasParent():
				return a.tooMany(args[0], args[1])
			case hint == "":
				hint = "usage: " + cmd.UseLine()
			}
			return &usageError{err: tooMuch(args[high]), hint: hint}
		}
		return nil
	}
}

func tooMuch(word string) error { return fmt.Errorf("unexpected argument %q", word) }

func noCommand(word string) error { return fmt.Errorf("there is no command %s", word) }

// askHidden asks for a secret on the terminal.
func (a *app) askHidden(prompt string) (string, error) {
	f, ok := a.Stdin.(*os.File)
	if !ok || !a.Terminal(a.Stdin) {
		return "", errors.New("no terminal to ask on; use @env, @file or @cmd")
	}
	fmt.Fprint(a.Stderr, prompt)
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		b, err := term.ReadPassword(int(f.Fd()))
		got <- answer{b, err}
	}()
	select {
	case x := <-got:
		fmt.Fprintln(a.Stderr)
		return string(x.text), x.err
	case <-a.ctx.Done(): // ^C ends the program, which ends the read
		term.Restore(int(f.Fd()), before) //nolint:errcheck // nothing else can be done
		fmt.Fprintln(a.Stderr)
		return "", context.Canceled
	}
}
