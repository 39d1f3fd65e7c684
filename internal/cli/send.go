package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/advice"
	"smtpsh/internal/deliver"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
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
	sessions     int
	allOrNothing bool
	stopAfter    string
	mailParams   []string
	rcptParams   []string
	dsn          string
	bdat         int
	pipeline     bool
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

FILE is a finished message: a header, an empty line and a body. It is sent unchanged, except
for line ends and dots. Without --to its recipients are those of To, Cc and Bcc, and Bcc is
removed. Without --from its sender is that of Sender or From.

send checks everything that a careful client checks. Before it sends anything it compares
the message with what the server offers: the size limit, 8BITMIME, SMTPUTF8 and the
length of lines. If the server cannot take the message as it is, send encodes it again
or explains why this is not possible. If the server rejects some recipients, the message
goes to the others, and the exit status is that of the rejection. If the connection is lost
after the end of the message, it is not known whether the server accepted it: exit status 10.`,
		Example: `  smtpsh send --server mx.example.org:25 --from ann@example.org --to bob@example.com --subject Hi --text hello
  smtpsh send --server smtp.gmail.com:587 --user me@gmail.com --secret pass=@prompt --to bob@example.com --text hello
  smtpsh send --server sandbox:plain/mx --to bob@sandbox.test message.eml
  smtpsh send --server mx.example.com:25 --from ann@example.org --to bob@example.com --stop-after rcpt`,
		Args: a.args(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.send(cmd.Context(), f, args) },
	}
	f.cmd = cmd
	f.composeFlags.register(cmd.Flags())
	fl := cmd.Flags()
	fl.StringVar(&f.toFile, "to-file", "", "read more recipients from `FILE`, one in each line; they are not shown in the header")
	fl.StringVar(&f.envelopeFrom, "envelope-from", "", "sender of the envelope (reverse-path), `ADDR`, or <> for the null reverse-path (default: --from)")
	fl.BoolVar(&f.addHeaders, "add-headers", false, "add Date and Message-ID to a finished message that lacks them")
	fl.BoolVar(&f.removeBcc, "remove-bcc", false, "remove Bcc from a finished message although the recipients come from --to")
	fl.BoolVar(&f.keepBcc, "keep-bcc", false, "keep Bcc in a finished message although the recipients come from its header")
	fl.StringVar(&f.tls, "tls", "", "use of TLS: none, try, require or implicit: `HOW` (default: try; require at port 587 of other machines)")
	fl.StringVar(&f.user, "user", "", "log in as `NAME`; --secret pass=... or --secret token=... has the password or the token (default: ask)")
	fl.StringVar(&f.mech, "mech", "", "SASL mechanism `NAME` (default: the strongest one that the server offers)")
	fl.IntVar(&f.count, "count", 1, "send the message `N` times (default: 1)")
	fl.IntVar(&f.sessions, "sessions", 1, "use `N` sessions at the same time for --count (default: 1)")
	fl.BoolVar(&f.allOrNothing, "all-or-nothing", false, "send no message if the server rejects any recipient")
	fl.StringVar(&f.stopAfter, "stop-after", "", "end the session after a `STEP`: "+strings.Join(stopSteps, ", "))
	fl.StringArrayVar(&f.mailParams, "mail-param", nil, "add a parameter to MAIL: `KEY=VALUE` or KEY")
	fl.StringArrayVar(&f.rcptParams, "rcpt-param", nil, "add a parameter to each RCPT: `KEY=VALUE` or KEY")
	fl.StringVar(&f.dsn, "dsn", "", "ask for delivery reports (RFC 3461): never, or success, failure, delay, and full or hdrs, and envid=ID: `WORD,...`")
	fl.IntVar(&f.bdat, "bdat", 0, "send the message with BDAT in chunks of `SIZE` bytes (with no SIZE: 262144)")
	fl.Lookup("bdat").NoOptDefVal = strconv.Itoa(engine.ChunkSize)
	fl.BoolVar(&f.pipeline, "pipeline", false, "send MAIL and all RCPT together if the server offers PIPELINING")
	fl.StringSliceVar(&f.ignore, "ignore", nil, "leave out a check: `RULE`, one of "+ruleNames())
	fl.BoolVar(&f.json, "json", false, "print one JSON object with the result instead of the transcript")
	fl.BoolVar(&f.dryRun, "dry-run", false, "print the envelope and the message, and connect to no server")
	return cmd
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
	case f.bdat < 0 || f.bdat > engine.MaxChunk:
		return &usageError{err: fmt.Errorf("--bdat: %d is not a size from 1 to %d", f.bdat, engine.MaxChunk), hint: "omit the size for the default"}
	case f.keepBcc && f.removeBcc:
		return &usageError{err: errors.New(bothBcc), hint: "omit one of them"}
	case f.stopAfter == "data" && f.bdat > 0:
		return &usageError{err: errors.New("--stop-after data and --bdat cannot be combined: BDAT has no step before the message"), hint: "omit --bdat"}
	case f.stopAfter == "auth" && f.user == "" && !passwordless(f.mech):
		return &usageError{err: errors.New("--stop-after auth requires --user"), hint: "add --user NAME"}
	case f.mech != "" && f.user == "" && !passwordless(f.mech):
		return &usageError{err: errors.New("--mech requires --user"), hint: "add --user NAME"}
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

// send runs smtpsh send.
func (a *app) send(ctx context.Context, f *sendFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	if !f.dryRun {
		if err := a.requireServer(""); err != nil {
			return err
		}
	}
	ctx, over := a.limits().Bound(ctx)
	defer over()
	params, err := f.params()
	if err != nil {
		return err
	}
	m, err := a.mailing(ctx, f, args)
	if err != nil {
		return err
	}
	defer m.close()
	if f.dryRun {
		return a.printMailing(m)
	}
	s := &sending{app: a, flags: f, mailing: m, params: params, out: &lockedWriter{w: a.Stdout}}
	if err := s.readCredentials(ctx); err != nil {
		return err
	}
	return s.run(ctx)
}

// sending is one run of smtpsh send.
type sending struct {
	*app
	flags   *sendFlags
	mailing *mailing
	params  envelopeParams
	creds   *engine.AuthOptions // nil without a login
	out     *lockedWriter

	mu   sync.Mutex
	done []*delivery
}

// run sends all messages and reports them.
func (s *sending) run(ctx context.Context) error {
	if !s.flags.json {
		(&targetAnnouncer{a: s.app}).announce("")
	}
	s.app.out.show.Sessions = s.flags.sessions > 1
	var wait sync.WaitGroup
	for i := range s.flags.sessions {
		wait.Add(1)
		go func() {
			defer wait.Done()
			s.work(ctx, i+1)
		}()
	}
	wait.Wait()
	slices.SortFunc(s.done, func(a, b *delivery) int { return a.number - b.number })
	return s.report(context.Cause(ctx))
}

// work sends every Nth message, in one session if that stays usable. It ends if a session
// cannot be opened. What happened is in s.done.
func (s *sending) work(ctx context.Context, label int) {
	var sess *engine.Session
	var last *delivery // of the session
	defer func() {
		if sess != nil {
			s.leave(ctx, sess, last)
		}
	}()
	for n := label; n <= s.flags.count && ctx.Err() == nil; n += s.flags.sessions {
		d := &delivery{number: n}
		if sess != nil && last != nil {
			d.collector, d.first = last.collector, len(last.collector.replies)
		}
		s.mu.Lock()
		s.done = append(s.done, d)
		s.mu.Unlock()
		if sess != nil && sess.State() != engine.Ready && !sess.Closed() && sess.Err() == nil { // a transaction is open
			if _, err := sess.Rset(ctx); err != nil {
				sess.Close()
			}
		}
		if sess == nil || sess.Closed() || sess.Err() != nil {
			var err error
			if sess, err = s.open(ctx, d, label); err != nil {
				d.err = err
				d.keep()
				return
			}
			if sess == nil { // --stop-after
				return
			}
		}
		s.transact(ctx, sess, d)
		last = d
		d.keep()
	}
}

// open connects and prepares a session for mail. The session is nil without an error if
// --stop-after ends it before MAIL.
func (s *sending) open(ctx context.Context, d *delivery, label int) (*engine.Session, error) {
	f := s.flags
	d.collector, d.first = &collector{}, 0
	sess, err := s.conn.dialer.Dial(ctx, "", func(o *engine.Options, t *engine.Target) {
		var shown event.Observer
		if !f.json {
			shown = s.app.out.observer(s.out)
		} else {
			shown = s.app.out.logSink
		}
		o.Observer = event.Tee(shown, d.collector, s.progress())
		if f.sessions > 1 {
			o.Label = strconv.Itoa(label)
		}
		switch f.tls {
		case "implicit":
			t.Implicit = true
		case "none":
			t.Implicit = false
		}
	})
	if err != nil {
		return nil, err
	}
	opened, err := s.prepareSession(ctx, sess, d)
	if err != nil {
		sess.Leave(ctx) //nolint:errcheck // report the first error
		return nil, err
	}
	if !opened {
		d.stopped = f.stopAfter
		s.leave(ctx, sess, d)
		return nil, nil
	}
	return sess, nil
}

// prepareSession does the steps before MAIL. It returns false if --stop-after ends the
// session.
func (s *sending) prepareSession(ctx context.Context, sess *engine.Session, d *delivery) (bool, error) {
	f := s.flags
	policy := engine.TLSWhenOffered
	switch {
	case f.tls == "none" || f.stopAfter == "ehlo":
		policy = engine.TLSNever
	case f.tls == "require" || f.stopAfter == "starttls",
		f.tls == "" && sess.Target().Port == engine.PortSubmission && !sess.Loopback():
		policy = engine.TLSRequired
	}
	o := engine.OpenOptions{StartTLS: policy, Auth: s.creds}
	switch f.stopAfter {
	case "connect":
		if g := sess.Greeting(); g != nil && g.Code != 220 { // Open would check it
			return false, sess.Open(ctx, o)
		}
		return false, nil
	case "ehlo", "starttls":
		o.Auth = nil
	}
	if err := sess.Open(ctx, o); err != nil {
		return false, err
	}
	d.session = sess
	if f.dsn != "" && !sess.Has("DSN") {
		return false, advice.With(&engine.OpError{Op: "MAIL", Kind: engine.ErrUsage, Err: errors.New("the server does not offer DSN")},
			"omit --dsn; --rcpt-param NOTIFY=... sends the parameter anyway")
	}
	switch f.stopAfter {
	case "ehlo", "starttls", "auth":
		return false, nil
	}
	return true, nil
}

// transact sends one message.
func (s *sending) transact(ctx context.Context, sess *engine.Session, d *delivery) {
	f := s.flags
	d.session = sess
	m, err := s.mailing.message(ctx, d.number)
	if err != nil {
		d.err = err
		return
	}
	defer m.close()
	var ignore []deliver.Rule
	for _, r := range f.ignore {
		ignore = append(ignore, deliver.Rule(r))
	}
	d.result, d.err = deliver.Job{
		From: s.mailing.from, Recipients: s.mailing.recipients, Message: m.Finished,
		MailParams: s.params.mail, RcptParams: s.params.rcpt, AllOrNothing: f.allOrNothing,
		Chunking: f.bdat > 0, ChunkSize: f.bdat, Pipeline: f.pipeline, StopAfter: transactionStep(f.stopAfter),
		Ignore: ignore, SpoolLimit: maxMessage, Note: s.note,
	}.Send(ctx, sess)
	d.sent = true
	if d.result.Stopped {
		d.stopped = f.stopAfter
		if f.stopAfter == "data" { // the server waits for a message; a QUIT would be a part of it
			sess.Close()
		}
	}
}

// transactionStep returns the verb after which a transaction ends.
func transactionStep(step string) string {
	switch step {
	case "mail", "rcpt", "data":
		return strings.ToUpper(step)
	}
	return ""
}

// note shows a remark in the transcript.
func (s *sending) note(text string) {
	if !s.flags.json {
		s.app.out.observer(s.out).Observe(&event.Event{Kind: event.Note, Text: text})
	}
}

// leave ends a session. After a 250 to the message nothing can turn success into failure:
// a QUIT that fails is only a remark, except that a further reply makes the outcome unknown.
func (s *sending) leave(ctx context.Context, sess *engine.Session, d *delivery) {
	err := sess.Leave(ctx)
	d.keep()
	if err == nil {
		return
	}
	var op *engine.OpError
	if d.err == nil && errors.As(err, &op) && op.Unknown {
		d.err = err
		return
	}
	d.remark = err.Error()
}

// status returns the exit status of an error of a delivery.
func status(err error) int {
	var op *engine.OpError
	if errors.As(err, &op) && op.Unknown {
		return exit.Unknown
	}
	return exitstatus.Of(err)
}
