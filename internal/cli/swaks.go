package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/mx"
	"smtpsh/internal/readfile"
	"smtpsh/internal/swaks"
	"smtpsh/internal/wholefile"
)

// swaksStatus is an exit status of swaks. The emulation has written its own errors.
type swaksStatus int

func (s swaksStatus) Error() string { return fmt.Sprintf("exit status %d of swaks", int(s)) }

// ExitStatus returns the status.
func (s swaksStatus) ExitStatus() int { return int(s) }

func (a *app) swaksCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "swaks [OPTION...]",
		Short: "run a command line of swaks: the same options, output and exit statuses",
		Long: `swaks accepts the command lines of the program swaks, reads ~/.swaksrc and the
variables SWAKS_OPT_name, shows the session in the notation of swaks (->, <-, ===, ***), and
has its exit statuses. smtpsh swaks --help lists the options.

As in swaks, certificates are not verified without --tls-verify, and a message goes to the MX
of the recipient without --server. Passwords and control characters are not shown, unless
--swaks-exact is given.`,
		Example: `  smtpsh swaks --to bob@example.org --server mx.example.org
  smtpsh swaks --to bob@example.org --from ann@example.org --server mx.example.org --tls --auth PLAIN --auth-user ann
  smtpsh swaks --to bob@sandbox.test --server sandbox:plain --quit-after RCPT`,
		DisableFlagParsing: true,
		RunE:               func(cmd *cobra.Command, args []string) error { return a.swaks(cmd.Context(), args) },
	}
}

// maxSwaksFile limits a file that an option of swaks names, in bytes.
const maxSwaksFile = 64 << 20

// maxAnswer limits an answer to a question, in bytes.
const maxAnswer = 64 << 10

// answerLine reads a line, unless ctx ends first. The read itself then ends with the program.
func answerLine(ctx context.Context, in *bufio.Reader) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := in.ReadSlice('\n')
		got <- answer{string(line), err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-got:
		switch {
		case errors.Is(a.err, io.EOF) && a.text == "":
			return "", errors.New("no answer on standard input")
		case errors.Is(a.err, bufio.ErrBufferFull):
			return "", fmt.Errorf("the answer has more than %d bytes", maxAnswer)
		case a.err != nil && !errors.Is(a.err, io.EOF):
			return "", a.err
		}
		return strings.TrimRight(a.text, "\r\n"), nil
	}
}

// swaks runs the emulation.
func (a *app) swaks(ctx context.Context, args []string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	name := "nobody"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	in := bufio.NewReaderSize(a.Stdin, maxAnswer)
	var environ []string
	if a.Environ != nil {
		environ = a.Environ()
	}
	status := swaks.Run(ctx, &swaks.Env{
		Args: args, Environ: environ, Stdout: a.Stdout, Stderr: a.Stderr, Hostname: host, Username: name,
		Mailer: "smtpsh swaks " + Version, Now: time.Now,
		Ask: func(title string, how swaks.Echo) (string, error) {
			if how == swaks.Hidden && a.Terminal(a.Stdin) {
				return a.askHidden(title)
			}
			fmt.Fprint(a.Stdout, title)
			line, err := answerLine(ctx, in)
			if ctx.Err() != nil {
				fmt.Fprintln(a.Stdout) // after ^C
			}
			return line, err
		},
		ReadStdin: func() ([]byte, error) { return readfile.All(ctx, in, "-", maxSwaksFile) },
		ReadFile: func(name string) ([]byte, error) {
			return readfile.Read(ctx, name, readfile.Rule{Limit: maxSwaksFile, Streams: true})
		},
		WriteFile: func(name string, content []byte) error { return wholefile.Replace(name, content, 0o600) },
		Dial: func(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
			return a.conn.dialer.Dial(ctx, target, func(o *engine.Options, t *engine.Target) {
				change(o, t)
				o.Observer = event.Tee(o.Observer, a.out.logSink)
			})
		},
		Netrc: func(host, user string) (string, string, bool) {
			l, err := a.netrcLogin(ctx, host, user)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				fmt.Fprintf(a.Stderr, "*** %s\n", brief(err.Error()))
			}
			return l.User, l.Password, err == nil
		},
		Hosts: func(ctx context.Context, domain string) ([]string, error) {
			found, err := mx.Lookup(ctx, a.conn.resolver(), domain)
			if err != nil {
				return nil, err
			}
			var names []string
			for _, h := range found {
				names = append(names, h.Name)
			}
			return names, nil
		},
	})
	if status == 0 {
		return nil
	}
	return swaksStatus(status)
}
