package cli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/internal/advice"
	"smtpsh/internal/deliver"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
)

// send runs smtpsh send.
func (a *app) send(ctx context.Context, f *sendFlags, args []string) error {
	if err := f.check(); err != nil {
		return err
	}
	if !f.dryRun && !f.mx {
		if err := a.requireServer(""); err != nil {
			return err
		}
	}
	if f.tls == "none" && !f.mx && strings.HasPrefix(strings.ToLower(a.conn.dialer.Resolve("")), "smtps:") {
		return &usageError{err: errors.New("--tls none and smtps:// cannot be combined"), hint: "omit --tls none, or write smtp://"}
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
	if s.flags.mx {
		s.toHosts(ctx)
		return s.report(context.Cause(ctx))
	}
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
		open := sess != nil && !sess.Closed() && sess.Err() == nil
		if open && (sess.State() != engine.Ready || s.flags.repeatRset) { // a transaction is open, or RSET is requested
			if _, err := sess.Rset(ctx); err != nil {
				sess.Close()
			}
		}
		if sess == nil || sess.Closed() || sess.Err() != nil {
			var err error
			if sess, err = s.open(ctx, "", d, label); err != nil {
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

// open connects to a target, "" for that of the flags, and prepares a session for mail. The
// session is nil without an error if
// --stop-after ends it before MAIL.
func (s *sending) open(ctx context.Context, target string, d *delivery, label int) (*engine.Session, error) {
	f := s.flags
	d.collector, d.first = &collector{}, 0
	sess, err := s.conn.dialer.Dial(ctx, target, func(o *engine.Options, t *engine.Target) {
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
	o := engine.OpenOptions{
		StartTLS: policy, Auth: s.creds, XClient: s.params.xclient, XClientFirst: f.xclientFirst,
		Tolerate: engine.Tolerance{Codes: f.ignores(deliver.Codes), BareCR: f.ignores(deliver.BareCR), Mechanisms: f.ignores(deliver.Mechanism)},
	}
	switch f.stopAfter {
	case "connect":
		if g := sess.Greeting(); g != nil && g.Code != 220 { // Open would check it
			return false, sess.Open(ctx, o)
		}
		return false, nil
	case "ehlo", "starttls":
		o.Auth, o.XClient = nil, nil
	}
	if err := sess.Open(ctx, o); err != nil {
		if f.mech != "" && s.creds != nil && !sess.Capabilities().HasParam("AUTH", f.mech) && errors.Is(err, engine.ErrUsage) {
			err = advice.With(err, "--ignore mechanism tries it nevertheless")
		}
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
		From: s.mailing.from, Recipients: d.of(s.mailing.recipients), Message: m.Finished,
		MailParams: s.params.mail, RcptParams: s.params.rcpt, AllOrNothing: f.allOrNothing,
		Chunking: f.bdat > 0, ChunkSize: f.bdat, Pipeline: f.pipeline, PRDR: f.prdr, StopAfter: transactionStep(f.stopAfter),
		Ignore: ignore, SpoolLimit: maxMessage, Note: s.note,
	}.Send(ctx, sess)
	d.sent = true
	var unfit *deliver.UnfitError
	if errors.As(d.err, &unfit) {
		d.err = advice.With(d.err, "--ignore "+string(unfit.Rule)+" sends the message as it is; the server may reject or damage it")
	}
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

// leave ends a session. After a 250 to the message a QUIT that fails is only a remark. But if
// the server sends more replies than it got commands, it is not known which reply belongs to
// the message.
func (s *sending) leave(ctx context.Context, sess *engine.Session, d *delivery) {
	err := sess.Leave(ctx)
	d.keep()
	if err == nil {
		return
	}
	var op *engine.OpError
	if d.err == nil && d.outcome() != asStopped && errors.As(err, &op) && op.Kind == engine.ErrProtocol {
		doubt := *op
		doubt.Unknown = true
		d.err = &doubt
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
