package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/engine/event"
	"smtpsh/internal/explain"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/transcript"
	"smtpsh/internal/wholefile"
	"smtpsh/luabind"
)

func (a *app) sandboxCommand() *cobra.Command {
	var profile, listen, caFile, save, script string
	names, summaries := sandbox.ProfileNames()
	var list strings.Builder
	for i := range names {
		fmt.Fprintf(&list, "  %-12s %s\n", names[i], summaries[i])
	}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "run the built-in server for other programs",
		Long: `sandbox runs the built-in server until it is interrupted, and prints its
addresses, its accounts, and each conversation as it happens.

Profiles:
` + list.String() + `
A profile can be given faults, as in strict+open-relay+vrfy-open; --flaws lists
them. With --script a Lua file makes rules that change any answer; the variable
server is the server there (server:on in the Lua reference).

An address whose local part is the key of a situation brings that about:
RCPT TO:<mailbox-full@gmail.com> is answered as for a full mailbox. With
--situations the keys are listed. Any other address is accepted where the door
serves its domain or the client has logged in.`,
		Example: "  smtpsh sandbox\n  smtpsh sandbox --profile plain --listen 127.0.0.1:2525 --ca-file /tmp/ca.pem\n  smtpsh sandbox --profile strict+open-relay\n  smtpsh sandbox --profile plain --script greylisting.lua",
		Args:    a.args(0, 0),
	}
	cmd.Flags().StringVar(&save, "save", "", "write each message to `DIR`: N.eml, and N.envelope beside it")
	cmd.Flags().StringVar(&script, "script", "", "make rules with a Lua `FILE`: server:on(\"RCPT\", {nth = 1}, {450, \"4.7.1 later\"})")
	cmd.Flags().BoolVar(&a.unsafe, "unsafe", false, "let the script reach files and programs")
	situations, flaws := false, false
	cmd.Flags().BoolVar(&flaws, "flaws", false, "list the faults that a profile can be given and leave")
	cmd.Flags().StringVar(&profile, "profile", "gmail", "how to answer: `NAME` of a profile")
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1", "where to listen: `ADDR`, ADDR:PORT or PORT; the first door takes PORT, the others those behind it; default free ports of 127.0.0.1")
	cmd.Flags().StringVar(&caFile, "ca-file", "", "write the certificate authority to `FILE`")
	cmd.Flags().BoolVar(&situations, "situations", false, "list the situations of the profile and leave")
	cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)) //nolint:errcheck // the flag exists
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if flaws {
			for _, f := range sandbox.Flaws() {
				fmt.Fprintf(a.Stdout, "%-20s %s\n", f.Name, f.Summary)
			}
			return nil
		}
		if situations {
			return a.listSituations(profile)
		}
		return a.serve(cmd.Context(), profile, listen, caFile, save, script)
	}
	return cmd
}

// serve runs a server until the context ends.
func (a *app) serve(ctx context.Context, profile, listen, caFile, save, script string) error {
	out := &lockedWriter{w: a.Stdout}
	show := a.out.show
	show.Server, show.Sessions = true, true
	sink := event.Tee(a.out.sink(out, a.out.format == "jsonl", show), a.out.logSink)
	if a.out.quiet {
		sink = a.out.logSink
	}
	if save != "" {
		if err := os.MkdirAll(save, 0o755); err != nil {
			return &usageError{err: fmt.Errorf("--save: %w", err), hint: "name a directory that can be written"}
		}
	}
	received := func(m sandbox.Message) {
		if save == "" {
			return
		}
		base, err := saveMessage(save, m)
		if err == nil {
			err = wholefile.Replace(base+".envelope", []byte(m.Envelope()), 0o644)
		}
		if err != nil {
			fmt.Fprintf(a.Stderr, "smtpsh: message %d is not saved: %v\n", m.ID, err)
		}
	}
	srv, err := sandbox.Start(sandbox.Options{Profile: profile, Listen: listen, Received: received, Observe: func(c sandbox.ConnInfo) event.Observer {
		if sink == nil {
			return nil
		}
		label := fmt.Sprintf("%d %s", c.Number, c.Door)
		return event.Func(func(e *event.Event) {
			e.Session = label
			sink.Observe(e)
		})
	}})
	if err != nil {
		return &usageError{err: err, hint: "see smtpsh sandbox --help"}
	}
	defer srv.Close()
	if caFile == "" {
		f, err := os.CreateTemp("", "smtpsh-ca-*.pem")
		if err != nil {
			return &usageError{err: fmt.Errorf("the authority cannot be written: %w", err), hint: "name a file with --ca-file"}
		}
		caFile = f.Name()
		f.Close()
		defer os.Remove(caFile)
	}
	if err := os.WriteFile(caFile, srv.CA(), 0o644); err != nil {
		return &usageError{err: fmt.Errorf("--ca-file: %w", err), hint: "name a file that can be written"}
	}
	if script != "" {
		name, src, err := a.readScript(script)
		if err != nil {
			return err
		}
		vm := luabind.New(&scriptHost{app: a, out: out, observer: a.out.logSink}, a.luaOptions(script))
		defer vm.Close()
		if err := vm.RunRules(ctx, name, src, srv, a.complain); err != nil {
			return err
		}
	}
	say := io.Writer(out)
	if a.out.format == "jsonl" {
		say = a.Stderr // standard output has one object a line
	}
	fmt.Fprint(say, announcement(srv, caFile))
	<-ctx.Done()
	msgs := srv.Messages()
	plural := "s"
	if len(msgs) == 1 {
		plural = ""
	}
	fmt.Fprintf(say, "%d message%s received\n", len(msgs), plural)
	for _, m := range msgs {
		fmt.Fprintf(say, "  %s\n", transcript.Escape(m.Summary()))
	}
	return nil
}

// saveMessage writes the content under the first free number from the message's
// own on, so that an earlier run's messages stay.
func saveMessage(dir string, m sandbox.Message) (base string, err error) {
	for n := m.ID; ; n++ {
		base = filepath.Join(dir, strconv.Itoa(n))
		err = wholefile.Create(base+".eml", m.Data, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return base, err
		}
	}
}

// announcement tells where the server is and who can log in.
func announcement(srv *sandbox.Server, caFile string) string {
	var b strings.Builder
	p := srv.Profile()
	fmt.Fprintf(&b, "sandbox %s: %s\n", p.Name, p.Summary)
	for _, d := range p.Doors {
		security := "STARTTLS"
		if d.Implicit {
			security = "TLS from the start"
		}
		fmt.Fprintf(&b, "  %-12s %-22s %s, like port %d\n", d.Name, srv.Addr(d.Name), security, d.Port)
	}
	fmt.Fprintf(&b, "  %-12s %s\n", "authority", caFile)
	b.WriteString("accounts\n")
	for _, acc := range p.Accounts {
		fmt.Fprintf(&b, "  %-18s %s\n", acc.User, strings.Join(acc.Credentials(), ", "))
		b.WriteString(explain.Indent(strings.Repeat(" ", 21), acc.Note))
	}
	b.WriteString("^C stops the server\n")
	return b.String()
}

func (a *app) listSituations(profile string) error {
	p, err := sandbox.LookupProfile(profile)
	if err != nil {
		return &usageError{err: err, hint: "see smtpsh sandbox --help"}
	}
	for _, s := range p.Situations() {
		first, _, _ := strings.Cut(s.Reply, "\n")
		if strings.Contains(s.Reply, "\n") {
			first += " ..."
		}
		mark := ""
		if s.Unverified() {
			mark = "  (unverified)"
		}
		fmt.Fprintf(a.Stdout, "%-28s %s%s\n%s%s\n", s.Key, s.Met(), mark, strings.Repeat(" ", 29), first)
	}
	return nil
}
