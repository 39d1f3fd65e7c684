package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/engine"
	"smtpsh/internal/deliver"
	"smtpsh/internal/explain"
)

// sendFlags are the flags of smtpsh send.
type sendFlags struct {
	composeFlags
	toFile       string
	envelopeFrom string
	addHeaders   bool
	removeBcc    bool
	keepBcc      bool
	tls          string
	user         string
	mech         string
	count        int
	repeatRset   bool
	sessions     int
	allOrNothing bool
	stopAfter    string
	mailParams   []string
	rcptParams   []string
	dsn          string
	bdat         int
	pipeline     bool
	prdr         bool
	xclient      []string
	xclientFirst bool
	mx           bool
	ignore       []string
	json         bool
	dryRun       bool

	cmd *cobra.Command
}

// The steps of --stop-after.
var stopSteps = []string{"connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data"}

func (a *app) sendCommand() *cobra.Command {
	f := &sendFlags{}
	cmd := &cobra.Command{
		Use:   "send [FILE]",
		Short: "send a message and show what happens for each recipient",
		Long: `send sends one message and shows the transcript. The message comes from the flags,
from FILE, or from standard input (FILE is -).

FILE is a finished message: a header, an empty line and a body. send changes only line ends to
CRLF and adds the dots that SMTP requires, except where this text says more.
Without --to its recipients are those of To, Cc and Bcc, and Bcc is
removed. Without --from its sender is that of Sender or From.

Without --server, --mx and $SMTPSH_SERVER the message goes to the built-in sandbox, which
delivers nothing.

send checks everything that a careful client checks. Before it sends MAIL it compares
the message with what the server offers: the size limit, 8BITMIME, SMTPUTF8 and the
length of lines. If the server cannot take the message as it is, send encodes it differently
or explains why this is not possible. If the server rejects some recipients, the message
goes to the others, and the exit status is that of the rejection. If the connection is lost
after the end of the message, it is not known whether the server accepted it: exit status 10.

--ignore RULE leaves out a check, and the transcript shows it. RULE is the name of what
send then does:

` + explain.Columns(ruleRows()),
		Example: `  smtpsh send --server mx.example.org:25 --from ann@example.org --to bob@example.com --subject Hi --text hello
  smtpsh send --server smtp.gmail.com:587 --user me@gmail.com --secret pass=@prompt --to bob@example.com --text hello
  smtpsh send --server sandbox:plain/mx --to bob@sandbox.test message.eml
  smtpsh send --mx --from ann@example.org --to bob@example.com --stop-after rcpt`,
		Args: a.args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.send(cmd.Context(), f, args) },
	}
	f.cmd = cmd
	f.composeFlags.register(cmd.Flags())
	fl := cmd.Flags()
	fl.StringVar(&f.toFile, "to-file", "", "read more recipients from `FILE`, one in each line; they are not shown in the header")
	fl.StringVar(&f.envelopeFrom, "envelope-from", "",
		"`ADDR` of the sender in the envelope (reverse-path); <> is the null reverse-path (default: the address of --from)")
	fl.BoolVar(&f.addHeaders, "add-headers", false, "add Date and Message-ID to a finished message that lacks them")
	fl.BoolVar(&f.removeBcc, "remove-bcc", false, "remove Bcc from a finished message although the recipients come from --to")
	fl.BoolVar(&f.keepBcc, "keep-bcc", false, "keep Bcc in a finished message although the recipients come from its header")
	fl.StringVar(&f.tls, "tls", "", "`HOW` to use TLS: none, try, require or implicit (default: try; require at port 587 of other machines)")
	fl.StringVar(&f.user, "user", "",
		"log in as `NAME`; --secret pass=... or --secret token=... has the password or the token; without them smtpsh asks at the terminal")
	fl.StringVar(&f.mech, "mech", "", "SASL mechanism `NAME` (default: the strongest one that the server offers)")
	fl.IntVar(&f.count, "count", 1, "send the message `N` times (default: 1)")
	fl.BoolVar(&f.repeatRset, "repeat-rset", false, "with --count: send RSET before each further message of a session")
	fl.IntVar(&f.sessions, "sessions", 1, "use `N` sessions at the same time for --count (default: 1)")
	fl.BoolVar(&f.allOrNothing, "all-or-nothing", false, "send no message if the server rejects any recipient")
	fl.StringVar(&f.stopAfter, "stop-after", "", "end the session after a `STEP`: "+strings.Join(stopSteps, ", ")+" (after the 354)")
	fl.StringArrayVar(&f.mailParams, "mail-param", nil, "add a parameter to MAIL: `KEY=VALUE` or KEY")
	fl.StringArrayVar(&f.rcptParams, "rcpt-param", nil, "add a parameter to each RCPT: `KEY=VALUE` or KEY")
	fl.StringVar(&f.dsn, "dsn", "",
		"ask for delivery reports (RFC 3461) with `WORDS` such as success,failure,full: never, success, failure, delay, full, hdrs, envid=ID")
	fl.IntVar(&f.bdat, "bdat", 0, "send the message with BDAT in chunks of `SIZE` bytes, as in --bdat=1000; --bdat alone means 262144")
	fl.Lookup("bdat").NoOptDefVal = strconv.Itoa(engine.ChunkSize)
	fl.BoolVar(&f.pipeline, "pipeline", false, "send MAIL and all RCPT together if the server offers PIPELINING")
	fl.BoolVar(&f.prdr, "prdr", false, "ask for a reply to the message for each recipient (PRDR) if the server offers it")
	fl.StringArrayVar(&f.xclient, "xclient", nil,
		"send XCLIENT with the attribute `KEY=VALUE`, such as ADDR=192.0.2.1; the flag can be repeated")
	fl.BoolVar(&f.xclientFirst, "xclient-before-starttls", false, "send XCLIENT before STARTTLS instead of after it")
	fl.BoolVar(&f.mx, "mx", false, "send to the mail servers of each recipient's domain (MX records), at port 25, instead of --server")
	fl.StringSliceVar(&f.ignore, "ignore", nil, "leave out a check; `RULE` is one of the list below; can be repeated")
	fl.BoolVar(&f.json, "json", false, "print one JSON object with the result instead of the transcript")
	fl.BoolVar(&f.dryRun, "dry-run", false, "print the envelope and the message, and connect to no server")
	return cmd
}

// ignores reports whether --ignore names a rule.
func (f *sendFlags) ignores(r deliver.Rule) bool { return slices.Contains(f.ignore, string(r)) }

func ruleRows() [][2]string {
	var rows [][2]string
	for _, r := range deliver.Rules {
		rows = append(rows, [2]string{string(r.Rule), r.Doc})
	}
	return rows
}

func ruleNames() string {
	var names []string
	for _, r := range deliver.Rules {
		names = append(names, string(r.Rule))
	}
	return strings.Join(names, ", ")
}

// check returns an error for flags with a wrong value or that exclude each other.
func (f *sendFlags) check() error {
	wrong := func(flag, value, allowed string) error {
		return &usageError{err: fmt.Errorf("%s: %q is not allowed", flag, value), hint: "use one of " + allowed}
	}
	switch f.tls {
	case "", "none", "try", "require", "implicit":
	default:
		return wrong("--tls", f.tls, "none, try, require, implicit")
	}
	if f.stopAfter != "" && !slices.Contains(stopSteps, f.stopAfter) {
		return wrong("--stop-after", f.stopAfter, strings.Join(stopSteps, ", "))
	}
	for _, r := range f.ignore {
		if !deliver.Known(r) {
			return wrong("--ignore", r, ruleNames())
		}
	}
	const bothBcc = "--keep-bcc and --remove-bcc cannot be combined"
	switch {
	case f.count < 1 || f.sessions < 1:
		return &usageError{err: errors.New("--count and --sessions must be at least 1"), hint: "omit them to send one message"}
	case f.sessions > f.count:
		return &usageError{
			err:  fmt.Errorf("--sessions %d is more than --count %d", f.sessions, f.count),
			hint: "each session sends at least one message",
		}
	case f.count > maxCount:
		return &usageError{
			err:  fmt.Errorf("--count: %d is more than %d", f.count, maxCount),
			hint: "smtpsh load sends many messages and reports latencies",
		}
	case f.bdat < 0 || f.bdat > engine.MaxChunk || f.bdat == 0 && f.cmd.Flags().Changed("bdat"):
		return &usageError{err: fmt.Errorf("--bdat: %d is not a size from 1 to %d", f.bdat, engine.MaxChunk),
			hint: "omit the size for the default"}
	case f.mx && f.cmd.Flags().Changed("server"):
		return &usageError{err: errors.New("--mx and --server cannot be combined"),
			hint: "--mx finds the servers itself; --connect-to replaces one"}
	case f.mx && (f.user != "" || f.mech != ""):
		return &usageError{err: errors.New("--mx and --user cannot be combined"), hint: "the server of a recipient knows no accounts of senders"}
	case f.mx && f.count > 1:
		return &usageError{err: errors.New("--mx and --count cannot be combined"), hint: "omit --count"}
	case f.keepBcc && f.removeBcc:
		return &usageError{err: errors.New(bothBcc), hint: "omit one of them"}
	case f.stopAfter == "data" && f.bdat > 0:
		return &usageError{err: errors.New("--stop-after data and --bdat cannot be combined: BDAT has no step before the message"),
			hint: "omit --bdat"}
	case f.stopAfter == "auth" && f.user == "" && !passwordless(f.mech):
		return &usageError{err: errors.New("--stop-after auth requires --user"), hint: "add --user NAME"}
	case f.mech != "" && f.user == "" && !passwordless(f.mech):
		return &usageError{err: errors.New("--mech requires --user"), hint: "add --user NAME"}
	case f.repeatRset && f.count == 1:
		return &usageError{err: errors.New("--repeat-rset requires --count"), hint: "for example --count 2"}
	case f.xclientFirst && len(f.xclient) == 0:
		return &usageError{err: errors.New("--xclient-before-starttls requires --xclient"), hint: "for example --xclient ADDR=192.0.2.1"}
	case f.stopAfter == "starttls" && (f.tls == "none" || f.tls == "implicit"):
		return &usageError{err: fmt.Errorf("--stop-after starttls and --tls %s cannot be combined", f.tls), hint: "omit --tls"}
	}
	return nil
}

// maxCount limits --count: send shows each message.
const maxCount = 1000

// passwordless reports whether a mechanism needs no user name.
func passwordless(mech string) bool {
	return strings.EqualFold(mech, "ANONYMOUS") || strings.EqualFold(mech, "EXTERNAL")
}
