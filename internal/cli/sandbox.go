package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/explain"
	"smtpsh/internal/inspect"
	"smtpsh/internal/nearby"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/servermod"
	"smtpsh/transcript"
)

// sandboxFlags are the flags of smtpsh sandbox.
type sandboxFlags struct {
	profile, listen, caFile, save, script, inspect string
	hosts                                          []string
	saveSync                                       bool
	memory, disk                                   int64 // MiB
	limits                                         sandbox.Limits
}

func (a *app) sandboxCommand() *cobra.Command {
	f := &sandboxFlags{}
	names, summaries := sandbox.ProfileNames()
	var rows [][2]string
	for i := range names {
		rows = append(rows, [2]string{names[i], summaries[i]})
	}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "run the built-in test server (sandbox)",
		Long: `sandbox runs the built-in test server until it is interrupted. It prints its
addresses, its accounts, and the transcript of each session.

Profiles:
` + explain.Columns(rows) + `
Add faults to a profile with +, for example strict+open-relay+vrfy-open; --flaws
lists them. --script runs a Lua file with rules that change any reply. In this file,
the variable server is the sandbox (see server:on in the Lua reference).

If the local part of an address is the key of a situation whose reply is a rejection, the
server sends that reply: RCPT TO:<mailbox-full@gmail.com> gets the reply for a full mailbox.
--situations lists the keys. Other addresses are accepted if the service serves
their domain or the client has logged in.

Memory is limited, and so are clients on other machines: see the --max flags.
Clients on this machine are not limited unless --limit-loopback is given, so that
loads can be measured.

Other smtpsh commands of the same user trust its CA automatically at loopback addresses.
Other machines need --listen 0.0.0.0, --host with the name or address that they
use, a copy of the CA certificate, and the token of --inspect for :mailbox and
:accounts.`,
		Example: "  smtpsh sandbox\n  smtpsh sandbox --profile plain --listen 127.0.0.1:2525 --ca-file /tmp/ca.pem\n  smtpsh sandbox " +
			"--profile strict+open-relay\n  smtpsh sandbox --profile plain --script greylisting.lua\n  smtpsh sandbox --profile plain --listen " +
			"0.0.0.0:2525 --host lab.example --inspect 0.0.0.0:2600",
		Args: a.args(0, 0),
	}
	cmd.Flags().StringVar(&f.save, "save", "", "write each message to the `FOLDER`, as N.eml and N.envelope")
	cmd.Flags().BoolVar(&f.saveSync, "save-sync", false, "with --save: write each message to disk before the client gets 250")
	f.registerLimits(cmd.Flags())
	cmd.Flags().StringVar(&f.script, "script", "", "run a Lua `FILE` with rules such as server:on(\"RCPT\", {nth = 1}, {450, "+
		"\"4.7.1 later\"})")
	cmd.Flags().BoolVar(&a.unsafe, "unsafe", false, "let the script use files and programs")
	situations, flaws := false, false
	cmd.Flags().BoolVar(&flaws, "flaws", false, "list the faults (flaws) and features that can be added to a profile, and exit")
	cmd.Flags().StringVar(&f.profile, "profile", "gmail", "`NAME` of the profile to use (default: gmail)")
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1",
		"address to listen on: `ADDR`, ADDR:PORT or PORT; the first service of the profile uses PORT, the others the ports after "+
			"it (default: free ports "+
			"of 127.0.0.1)")
	cmd.Flags().StringVar(&f.caFile, "ca-file", "", "write the CA certificate to `FILE`")
	cmd.Flags().StringSliceVar(&f.hosts, "host", nil,
		"host `NAME` or IP address for the certificate, as other machines use it; plain, strict and lmtp use the first one in the greeting; "+
			"can be repeated")
	cmd.Flags().StringVar(&f.inspect, "inspect", "",
		"show mailboxes and accounts over TLS at `ADDR:PORT` to clients that send the printed token")
	cmd.Flags().BoolVar(&situations, "situations", false, "list the situations of the profile, and exit")
	cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions(names,
		cobra.ShellCompDirectiveNoFileComp)) //nolint:errcheck // the flag is defined above
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if flaws {
			for _, f := range sandbox.Flaws() {
				fmt.Fprintf(a.Stdout, "%-20s %s\n", f.Name, f.Summary)
			}
			fmt.Fprintln(a.Stdout, "\nfeatures, which are no faults:")
			for _, f := range sandbox.Features() {
				fmt.Fprintf(a.Stdout, "%-20s %s\n", f.Name, f.Summary)
			}
			return nil
		}
		if situations {
			return a.listSituations(f.profile)
		}
		return a.serve(cmd.Context(), f)
	}
	return cmd
}

// serve runs a server until the context ends.
func (a *app) serve(ctx context.Context, f *sandboxFlags) error {
	a.serving = true
	script := f.script
	if err := f.checkLimits(); err != nil {
		return err
	}
	defer boundHeap(f.memory, script != "")()
	out := &lockedWriter{w: a.Stdout}
	show := a.out.show
	show.Server, show.Sessions = true, true
	shown, endShown := io.Writer(out), func() bool { return true }
	if a.out.format != "jsonl" { // programs read it and need all of it
		c := newConsole(out, "; --log FILE keeps all of them")
		shown, endShown = c, c.close
	}
	defer endShown()
	faults := newConsole(&lockedWriter{w: a.Stderr}, "")
	defer faults.close()
	sink := event.Tee(a.out.sink(shown, a.out.format == "jsonl", show), a.out.logSink)
	if a.out.quiet {
		sink = a.out.logSink
	}
	notesOut := io.Writer(out)
	if a.out.format == "jsonl" {
		notesOut = a.Stderr // standard output has one JSON object in each line
	}
	var received func(sandbox.Message) error
	saved := &saver{}
	if f.save != "" {
		var err error
		if saved, err = newSaver(f.save, f.saveSync); err != nil {
			return &usageError{err: fmt.Errorf("--save: %w", err), hint: "name a directory that can be written"}
		}
		received = saved.save
	}
	for i, h := range f.hosts {
		name, err := engine.ASCIIHost(strings.TrimSuffix(strings.Trim(h, "[] "), "."))
		if err != nil {
			return &usageError{err: fmt.Errorf("--host: %w", err), hint: "name a host or an IP address, for example --host lab.example"}
		}
		f.hosts[i] = name
	}
	options := f.options()
	notices := notesOut
	if a.out.format != "jsonl" {
		notices = shown
	}
	options.Received, options.Notice = received, func(text string) { fmt.Fprintf(notices, "*  %s\n", transcript.Escape(text)) }
	options.Observe = func(c sandbox.ConnInfo) event.Observer {
		if sink == nil {
			return nil
		}
		label := fmt.Sprintf("%d %s", c.Number, c.Service)
		return event.Func(func(e *event.Event) {
			e.Session = label
			sink.Observe(e)
		})
	}
	srv, err := sandbox.Start(options)
	if err != nil {
		return &usageError{err: err, hint: listenHint(err)}
	}
	defer srv.Close()
	caFile, remove, err := a.writeCA(f.caFile, srv.CA())
	if err != nil {
		return err
	}
	defer remove()
	if script != "" {
		name, src, err := a.readScript(script)
		if err != nil {
			return err
		}
		options := a.luaOptions(script)
		options.Limits.Memory = (f.memory + ruleMemory) << 20
		vm := luabind.New(&scriptHost{app: a, out: shown, observer: a.out.logSink}, options)
		defer vm.Close()
		if err := servermod.RunRules(ctx, vm, name, src, srv, func(err error) { a.complainTo(faults, err) }); err != nil {
			return err
		}
	}
	running := &runningSandbox{srv: srv, caFile: caFile, hosts: f.hosts}
	if f.inspect != "" {
		token := inspect.NewToken()
		listener, err := inspect.Listen(f.inspect, token, srv)
		if err != nil {
			return &usageError{err: fmt.Errorf("--inspect: %w", err), hint: "name an address and a free port, for example --inspect 0.0.0.0:2600"}
		}
		defer listener.Close()
		running.inspectAddr, running.token = listener.Addr(), token
	}
	withdraw := a.announce(running)
	defer withdraw()
	fmt.Fprint(notesOut, transcript.EscapeText(running.announcement()))
	<-ctx.Done()
	if !endShown() {
		return errors.Join(saved.result(),
			&usageError{err: errors.New("the output is incomplete: nothing reads it"), hint: "use --quiet to show nothing, --log " +
				"FILE to keep all lines"})
	}
	writeReceived(notesOut, srv)
	//mutant:what-is-not-saved-is-no-success is "saved.result()" "func() error { saved.result(); return nil }()"
	return saved.result()
}

// listenHint returns the hint for a server that did not start.
func listenHint(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "write --listen as an address of this machine, such as 127.0.0.1:2525 or 2525"
	case errors.Is(err, syscall.EADDRINUSE):
		return "stop the program that uses the port, or choose another one; the other services use the ports after it"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "write --listen as an address of this machine, or as 0.0.0.0 for all of them"
	case errors.Is(err, syscall.EACCES):
		return "ports below 1024 are for root: choose a higher one"
	}
	return "smtpsh sandbox --help lists the profiles, smtpsh sandbox --flaws lists the faults"
}

// maxReceived is the number of messages, the latest, that are listed at the end.
const maxReceived = 20

// writeReceived lists the messages that a server has received.
func writeReceived(w io.Writer, srv *sandbox.Server) {
	accepted, dropped := srv.Counts()
	plural := "s"
	if accepted == 1 {
		plural = ""
	}
	fmt.Fprintf(w, "%d message%s received\n", accepted, plural)
	if dropped > 0 {
		fmt.Fprintf(w, "  the oldest %d were dropped to make room; use --save to keep all in files\n", dropped)
	}
	msgs := srv.Messages()
	if left := len(msgs) - maxReceived; left > 0 {
		fmt.Fprintf(w, "  the latest %d:\n", maxReceived)
		msgs = msgs[left:]
	}
	for _, m := range msgs {
		fmt.Fprintf(w, "  %s\n", transcript.Escape(m.Summary()))
	}
}

// announce makes the server known to other programs of this user, until withdraw is called.
// Without a folder of the user there is no record; the printed lines name the CA file.
func (a *app) announce(running *runningSandbox) (withdraw func()) {
	none := func() {}
	dir := a.stateFile("sandboxes")
	listens := nearby.Loopback(running.srv.Listens()...)
	if running.inspectAddr != nil {
		listens = append(listens, nearby.Loopback(running.inspectAddr)...)
	}
	if dir == "" || len(listens) == 0 {
		return none
	}
	p := running.srv.Profile()
	who := p.Correspondents("")
	r := nearby.Record{
		Profile: p.Name, Listens: listens, CA: string(running.srv.CA()),
		From: who.From, To: who.To, User: who.User, Password: who.Password,
		Inspect: running.inspectHere(),
	}
	for i, d := range p.Services {
		if p.Correspondents(d.Name).Login {
			r.Login = append(r.Login, nearby.Loopback(running.srv.Listens()[i])...)
		}
	}
	withdraw, err := nearby.Announce(dir, r)
	if err != nil {
		return none
	}
	running.recorded = true
	return withdraw
}

func (a *app) listSituations(profile string) error {
	p, err := sandbox.LookupProfile(profile)
	if err != nil {
		return &usageError{err: err, hint: "see smtpsh sandbox --help"}
	}
	fmt.Fprint(a.Stdout, "key, what brings it about, and the reply below it\n"+
		"A key works as the local part of an address where the second column shows key@...\n\n")
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
