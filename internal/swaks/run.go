package swaks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/transcript"
)

// The exit statuses of swaks.
const (
	exitOK        = 0
	exitOptions   = 1
	exitConnect   = 2
	exitClosed    = 6
	exitNoAuth    = 10
	exitBanner    = 21
	exitHelo      = 22
	exitMail      = 23
	exitRcpt      = 24
	exitData      = 25
	exitMessage   = 26
	exitQuit      = 27
	exitAuth      = 28
	exitTLS       = 29
	exitPRDR      = 30
	exitHeloTLS   = 32
	exitXclient   = 33
	exitHeloX     = 34
	exitProxy     = 35
	exitInterrupt = 130
)

// Env is the surroundings of a run.
type Env struct {
	Args     []string
	Environ  []string // NAME=VALUE
	Stdout   io.Writer
	Stderr   io.Writer
	Hostname string // of this machine
	Username string
	Mailer   string // the X-Mailer field
	Now      func() time.Time
	// Ask asks the user for a value; hidden input is not shown.
	Ask func(title string, how Echo) (string, error)
	// ReadStdin reads standard input, at most 64 MiB.
	ReadStdin func() ([]byte, error)
	// ReadFile reads a file of at most 64 MiB.
	ReadFile func(name string) ([]byte, error)
	// WriteFile writes a file that an option names, completely or not at all.
	WriteFile func(name string, content []byte) error
	// Dial opens a session to a target, whose options change can set.
	Dial func(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error)
	// Netrc, if not nil, returns the login for a host in ~/.netrc, of the user if that is not "".
	Netrc func(host, user string) (name, password string, ok bool)
	// Hosts returns the mail servers of a domain, the best first.
	Hosts func(ctx context.Context, domain string) ([]string, error)
}

// Echo says whether the answer to a question is shown while it is typed.
type Echo bool

// The two kinds.
const (
	Shown  Echo = true
	Hidden Echo = false
)

// Getenv returns a variable of the environment.
func (e *Env) Getenv(name string) string {
	for _, v := range e.Environ {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// complain writes an error before a session begins.
func (e *Env) complain(text string) { e.say("*** ", text) }

// failed writes an error before a session begins.
func (e *Env) failed(err error) {
	var n notice
	if errors.As(err, &n) {
		e.say("", err.Error())
		return
	}
	e.complain(err.Error())
}

func (e *Env) say(mark, text string) {
	fmt.Fprintf(e.Stderr, "%s%s\n", mark, transcript.Escape(transcript.BriefText(text))) //nolint:errcheck // nobody else can be told
}

// Run runs a command line of swaks and returns the exit status of swaks.
func Run(ctx context.Context, env *Env) int {
	s, err := collect(env)
	if err == nil {
		switch {
		case s.on("help"):
			io.WriteString(env.Stdout, Help()) //nolint:errcheck // the program reports a failed output at its end
			return exitOK
		case s.on("support"):
			// the program reports a failed output at its end
			io.WriteString(env.Stdout, strings.Join(s.dumpSupport(""), "\n")+"\n") //nolint:errcheck // see above
			return exitOK
		case s.on("version"):
			fmt.Fprintf(env.Stdout, "smtpsh swaks accepts the options of swaks %s\n", version)
			return exitOK
		}
	}
	if err == nil {
		err = s.read()
	}
	if err == nil && len(s.recipients()) == 0 && !(s.serverOnly() && (s.host != "" || s.on("socket") || s.on("pipe"))) {
		var to string
		if to, err = s.ask("to", Shown); err == nil {
			s.to = []string{to}
		}
	}
	if err == nil {
		err = s.compose(env.Now())
	}
	if ctx.Err() != nil {
		return exitInterrupt
	}
	if err != nil {
		env.failed(err)
		var o *optionError
		if errors.As(err, &o) {
			return o.status
		}
		return exitOptions
	}
	out, errs, done, err := s.outputs()
	if err != nil {
		env.complain(err.Error())
		return exitOptions
	}
	o, err := newOutput(s, out, errs)
	if err != nil {
		env.complain(err.Error())
		return exitOptions
	}
	status := exitOK
	switch {
	case s.on("dump"):
		io.WriteString(out, s.dump("dump", s.dumped(s.on("swaks-exact")))) //nolint:errcheck // the program reports a failed output at its end
	case s.on("dump-mail"):
		out.Write(s.composed) //nolint:errcheck // the program reports a failed output at its end
	default:
		status = (&transaction{settings: s, output: o}).run(ctx)
	}
	if err := done(); err != nil {
		env.complain(err.Error())
		return exitOptions
	}
	return status
}

// outputs returns the writers of --output-file and its relatives, and a function that writes
// the files at the end.
func (s *settings) outputs() (out, errs io.Writer, done func() error, err error) {
	out, errs = s.env.Stdout, s.env.Stderr
	files := map[string]*strings.Builder{}
	var order []string
	open := func(name string, now io.Writer) (io.Writer, error) {
		file, err := s.text(name)
		if err != nil || file == "" {
			return now, err
		}
		switch file {
		case "&STDOUT":
			return s.env.Stdout, nil
		case "&STDERR":
			return s.env.Stderr, nil
		}
		if files[file] == nil {
			files[file] = &strings.Builder{}
			order = append(order, file)
		}
		return files[file], nil
	}
	for _, x := range []struct {
		name string
		to   *io.Writer
	}{{"output-file", &out}, {"output-file", &errs}, {"output-file-stdout", &out}, {"output-file-stderr", &errs}} {
		if *x.to, err = open(x.name, *x.to); err != nil {
			return nil, nil, nil, err
		}
	}
	return out, errs, func() error {
		for _, name := range order {
			if err := s.env.WriteFile(name, []byte(files[name].String())); err != nil {
				if s.on("swaks-exact") {
					return textf("Unable to open %s for writing", name)
				}
				return textf("Unable to open %s for writing: %v", name, err)
			}
		}
		return nil
	}, nil
}

// Help returns the list of all options.
func Help() string {
	var b strings.Builder
	b.WriteString("smtpsh swaks accepts the options of swaks " + version + " and shows the session in its notation.\n" +
		"An option has one dash or two. Its argument is the next word, or follows an equal sign.\n" +
		"no-OPTION removes an option of the environment (SWAKS_OPT_name) or of ~/.swaksrc.\n")
	group := ""
	for _, o := range Options {
		if o.Group != group {
			group = o.Group
			fmt.Fprintf(&b, "\n%s:\n", strings.ToUpper(group[:1])+group[1:])
		}
		names := "--" + o.Name
		for _, n := range o.Short {
			names += ", -" + n
		}
		switch o.Arg {
		case optional:
			names += " [X]"
		case required:
			names += " X"
		}
		fmt.Fprintf(&b, "  %-34s %s\n", names, o.Summary)
	}
	b.WriteString("\nCertificates are not verified without --tls-verify, as in swaks. smtpsh send verifies them.\n" +
		"Exit status: 0 success, 1 options, 2 connect, 6 connection lost, 21 greeting, 22 EHLO, 23 MAIL, 24 RCPT,\n" +
		"25 DATA, 26 message, 27 QUIT, 28 AUTH, 29 TLS, 30 PRDR,\n32 EHLO inside TLS, 33 XCLIENT, 34 EHLO after XCLIENT, 35 PROXY.\n")
	return b.String()
}

// optionError is an error in the options with a status of its own.
type optionError struct {
	status int
	err    error
}

func (e *optionError) Error() string { return e.err.Error() }

// textf returns an error in the words of swaks, which begin with a capital letter.
func textf(format string, args ...any) error { return plainText(fmt.Sprintf(format, args...)) }

// plainText is an error that is only a text.
type plainText string

func (t plainText) Error() string { return string(t) }
