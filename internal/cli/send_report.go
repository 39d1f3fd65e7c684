package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/internal/deliver"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/transcript"
)

// delivery is one message on its way.
type delivery struct {
	number    int
	result    *deliver.Result // nil before MAIL
	err       error
	sent      bool   // Send was called
	stopped   string // the step after which the session ended as requested
	remark    string // a failure after the message was accepted
	session   *engine.Session
	collector *collector
	first     int // the index of its first reply in the collector
	replies   []SendReply
}

// keep copies the replies since the beginning of the message.
func (d *delivery) keep() {
	if d.collector != nil {
		d.replies = slices.Clone(d.collector.replies[d.first:])
	}
}

// The outcomes of a message and of a recipient.
const (
	accepted  = "accepted"
	partly    = "partly accepted"
	rejected  = "rejected"
	unknown   = "unknown"
	notSent   = "not sent"
	asStopped = "stopped"
)

// outcome says what happened to the message.
func (d *delivery) outcome() string {
	var op *engine.OpError
	taken, refused := 0, 0
	if d.result != nil {
		for _, r := range d.result.Recipients {
			switch {
			case r.Accepted():
				taken++
			default:
				refused++
			}
		}
	}
	switch {
	case errors.As(d.err, &op) && op.Unknown:
		return unknown
	case taken > 0 && refused > 0:
		return partly
	case taken > 0:
		return accepted
	case d.err != nil && errors.Is(d.err, engine.ErrRefused):
		return rejected
	case d.err != nil:
		return notSent
	}
	return asStopped
}

// recipientOutcome says what happened for a recipient, and the reply that decided it.
func (d *delivery) recipientOutcome(r engine.RecipientResult) (string, *reply.Reply) {
	var op *engine.OpError
	switch {
	case errors.As(d.err, &op) && op.Unknown && (r.RCPT == nil || r.RCPT.Completed()):
		return unknown, nil
	case r.Accepted():
		return accepted, r.Message
	case r.Message != nil && !r.Message.Completed():
		return rejected, r.Message
	case r.RCPT != nil && !r.RCPT.Completed():
		return rejected, r.RCPT
	case d.stopped == "rcpt" || d.stopped == "data":
		return "accepted by RCPT", r.RCPT
	}
	return notSent, nil
}

// partialError is a message that the server accepted for some recipients only.
type partialError struct {
	rejected, all int
	first         *reply.Reply
}

// Error counts the recipients.
func (e *partialError) Error() string {
	return fmt.Sprintf("the server rejected %d of %d recipients: %s", e.rejected, e.all, e.first)
}

// ExitStatus returns the status of the first rejection.
func (e *partialError) ExitStatus() int { return exitstatus.OfReply(e.first) }

// Hint returns what to do.
func (e *partialError) Hint() string {
	return "the others got the message; --all-or-nothing sends it only if the server accepts all recipients"
}

// unknownError is a message whose fate is not known.
type unknownError struct{ error }

// ExitStatus returns the status of its own.
func (e *unknownError) ExitStatus() int { return exit.Unknown }

// Unwrap returns the cause.
func (e *unknownError) Unwrap() error { return e.error }

// failure returns the error of a delivery for the exit status, or nil.
func (d *delivery) failure() error {
	switch d.outcome() {
	case unknown:
		return &unknownError{d.err}
	case partly:
		e := &partialError{all: len(d.result.Recipients)}
		for _, r := range d.result.Recipients {
			if outcome, with := d.recipientOutcome(r); outcome != accepted {
				e.rejected++
				if e.first == nil {
					e.first = with
				}
			}
		}
		if e.first == nil {
			return d.err
		}
		return e
	case accepted:
		return nil
	case asStopped:
		if d.result == nil {
			return d.err
		}
		for _, r := range d.result.Recipients { // --stop-after rcpt or data
			if r.RCPT != nil && !r.RCPT.Completed() {
				return &partialError{rejected: countRejected(d), all: len(d.result.Recipients), first: r.RCPT}
			}
		}
	}
	return d.err
}

func countRejected(d *delivery) int {
	n := 0
	for _, r := range d.result.Recipients {
		if r.RCPT != nil && !r.RCPT.Completed() {
			n++
		}
	}
	return n
}

// report prints what happened and returns the error of the run.
func (s *sending) report(err error) error {
	if s.flags.json {
		return s.reportJSON(err)
	}
	host := &scriptHost{app: s.app, out: s.out}
	if s.app.out.format == "jsonl" && !s.app.out.quiet {
		host.observer = s.app.out.observer(s.out)
	}
	counts := map[string]int{}
	for _, d := range s.done {
		counts[d.outcome()]++
		if s.flags.count > 1 && d.outcome() == accepted {
			continue
		}
		for _, line := range d.lines(s.flags.count > 1) {
			host.Print(line)
		}
	}
	if s.flags.count > 1 {
		text := fmt.Sprintf("%d of %d messages accepted", counts[accepted], s.flags.count)
		for _, o := range []string{partly, rejected, unknown, notSent, asStopped} {
			if counts[o] > 0 {
				text += fmt.Sprintf(", %d %s", counts[o], o)
			}
		}
		host.Print(text)
	}
	return s.firstError(err)
}

// lines describes a delivery, a line for each recipient.
func (d *delivery) lines(numbered bool) []string {
	prefix := ""
	if numbered {
		prefix = fmt.Sprintf("message %d: ", d.number)
	}
	var out []string
	if d.result != nil && d.result.Mail != nil && d.stopped != "mail" {
		for _, r := range d.result.Recipients {
			outcome, with := d.recipientOutcome(r)
			text := prefix + outcome + ": " + r.Address
			if with != nil {
				text += " (" + transcript.BriefText(with.String()) + ")"
			}
			out = append(out, text)
		}
	}
	if d.err == nil && d.stopped != "" {
		out = append(out, prefix+"stopped after "+d.stopped+", no message was sent")
	}
	if d.remark != "" {
		out = append(out, prefix+"remark: "+transcript.BriefText(d.remark)+"; the message was accepted before")
	}
	return out
}

// firstError returns the error that decides the exit status: the first one in the order of
// the messages.
func (s *sending) firstError(err error) error {
	failed := 0
	var first error
	for _, d := range s.done {
		if e := d.failure(); e != nil {
			failed++
			if first == nil {
				first = e
			}
		}
	}
	switch {
	case first != nil && failed > 1:
		return &severalError{first, failed, s.flags.count}
	case first != nil:
		return first
	case err == nil && len(s.done) < s.flags.count && s.flags.stopAfter == "":
		return &severalError{errors.New("no session could be opened"), s.flags.count - len(s.done), s.flags.count}
	}
	return err
}

// severalError is the first error of several messages.
type severalError struct {
	error
	failed, all int
}

// Error returns the first error and the number of messages.
func (e *severalError) Error() string {
	return fmt.Sprintf("%v (%d of %d messages failed)", e.error, e.failed, e.all)
}

// Unwrap returns the first error.
func (e *severalError) Unwrap() error { return e.error }

// SendReport is the result of smtpsh send as JSON.
type SendReport struct {
	Version    string        `json:"smtpsh" doc:"version of smtpsh"`
	Target     string        `json:"target" doc:"server that got the message"`
	TargetNote string        `json:"target_note,omitempty" doc:"origin of the target, if it is the default"`
	Outcome    string        `json:"outcome" doc:"of all messages: accepted, partly accepted, rejected, unknown, not sent or stopped; mixed, if they differ"`
	Status     int           `json:"exit_status" doc:"exit status of the program"`
	Error      *SendError    `json:"error,omitempty" doc:"first failure"`
	From       string        `json:"from" doc:"reverse-path"`
	Messages   []SendMessage `json:"messages" doc:"the messages in the order in which they began"`
}

// SendError is a failure in a SendReport.
type SendError struct {
	Kind string `json:"kind,omitempty" doc:"kind of the error, as in Lua: dial, tls, timeout, closed, protocol, reply, usage, canceled"`
	Step string `json:"step,omitempty" doc:"command or step that failed"`
	Text string `json:"text" doc:"the failure"`
	Hint string `json:"hint,omitempty" doc:"what to try"`
}

// SendMessage is one message in a SendReport.
type SendMessage struct {
	Number     int             `json:"number" doc:"1 for the first message"`
	Outcome    string          `json:"outcome" doc:"accepted, partly accepted, rejected, unknown, not sent or stopped"`
	StopAfter  string          `json:"stopped_after,omitempty" doc:"step of --stop-after after which the session ended"`
	Size       int64           `json:"size_bytes,omitempty" doc:"bytes of the message as sent, with CRLF at the end of each line"`
	Reencoded  bool            `json:"reencoded,omitempty" doc:"the message was encoded again for this server"`
	Address    string          `json:"address,omitempty" doc:"IP address and port of the server"`
	TLS        *SendTLS        `json:"tls,omitempty" doc:"encryption, if there was any"`
	User       string          `json:"user,omitempty" doc:"user name of the login"`
	Recipients []SendRecipient `json:"recipients,omitempty" doc:"the recipients"`
	Replies    []SendReply     `json:"replies,omitempty" doc:"replies of the session in which the message was sent, at most 1000"`
	Error      *SendError      `json:"error,omitempty" doc:"why it was not accepted"`
	Remark     string          `json:"remark,omitempty" doc:"a failure after the message was accepted"`
}

// SendTLS is the encryption of a session in a SendReport.
type SendTLS struct {
	Version  string `json:"version" doc:"TLS version"`
	Cipher   string `json:"cipher" doc:"cipher suite"`
	Verified bool   `json:"verified" doc:"the certificate was verified"`
	Name     string `json:"name" doc:"name that was verified"`
	Problem  string `json:"problem,omitempty" doc:"why the certificate could not be verified"`
}

// SendRecipient is a recipient in a SendReport.
type SendRecipient struct {
	Address  string `json:"address" doc:"forward-path"`
	Outcome  string `json:"outcome" doc:"accepted, rejected, unknown, not sent, or accepted by RCPT with --stop-after"`
	Code     int    `json:"code,omitempty" doc:"reply code that decided it"`
	Enhanced string `json:"enhanced,omitempty" doc:"enhanced status code of that reply"`
	Text     string `json:"text,omitempty" doc:"text of that reply"`
}

// SendReply is a reply in a SendReport.
type SendReply struct {
	Command  string  `json:"command" doc:"verb of the command; greeting, or . for the end of the message"`
	Code     int     `json:"code" doc:"reply code"`
	Enhanced string  `json:"enhanced,omitempty" doc:"enhanced status code"`
	Text     string  `json:"text" doc:"text of the reply, its lines separated by LF"`
	Millis   float64 `json:"ms" doc:"time until the reply, in milliseconds"`
}

// collector stores the replies of a session.
type collector struct {
	replies []SendReply
	address string
}

// maxReplies limits the replies of a report.
const maxReplies = 1000

// Observe stores a reply.
func (c *collector) Observe(e *event.Event) {
	switch {
	case e.Kind == event.Connected:
		c.address = e.Addr
	case e.Kind == event.ReplyDone && e.Reply != nil && len(c.replies) < maxReplies:
		verb := e.Verb
		if verb == "" {
			verb = "greeting"
		}
		r := jsonReply(e.Reply)
		c.replies = append(c.replies, SendReply{verb, r.Code, r.Enhanced, r.Text, millis(e.Took)})
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// jsonReply is the part of a reply that a report has, with secrets masked.
func jsonReply(r *reply.Reply) SendRecipient {
	out := SendRecipient{Code: r.Code, Text: shownText(r)}
	if r.Enhanced.Class != 0 {
		out.Enhanced = r.Enhanced.String()
	}
	return out
}

// shownText is the text of a reply with secrets masked and control bytes escaped.
func shownText(r *reply.Reply) string {
	masked := reply.Parse([]byte(r.Shown()))
	text := ""
	for i, line := range masked.Lines() {
		if i > 0 {
			text += "\n"
		}
		text += transcript.Escape(transcript.Brief(line))
	}
	return text
}

// reportJSON prints the report.
func (s *sending) reportJSON(err error) error {
	err = s.firstError(err)
	target, note := s.describeTarget("")
	r := SendReport{Version: Version, Target: target, TargetNote: note, From: s.mailing.from, Status: status(err), Error: sendError(err)}
	for _, d := range s.done {
		m := d.json()
		switch r.Outcome {
		case "", m.Outcome:
			r.Outcome = m.Outcome
		default:
			r.Outcome = "mixed"
		}
		r.Messages = append(r.Messages, m)
	}
	if r.Outcome == "" {
		r.Outcome = notSent
	}
	text, jerr := json.MarshalIndent(r, "", "  ")
	if jerr != nil {
		return jerr
	}
	if _, werr := fmt.Fprintf(s.Stdout, "%s\n", text); werr != nil {
		return werr
	}
	return err
}

func sendError(err error) *SendError {
	if err == nil {
		return nil
	}
	msg, hint, _ := words(err)
	out := &SendError{Kind: engine.KindOf(err), Text: transcript.Escape(transcript.BriefText(msg)), Hint: transcript.Escape(hint)}
	var op *engine.OpError
	if errors.As(err, &op) {
		out.Step = op.Op
	}
	return out
}

// json returns the delivery for the report.
func (d *delivery) json() SendMessage {
	m := SendMessage{Number: d.number, Outcome: d.outcome(), StopAfter: d.stopped, Remark: transcript.Escape(d.remark), Error: sendError(d.failure())}
	if d.collector != nil {
		m.Replies, m.Address = d.replies, d.collector.address
	}
	if d.session != nil {
		m.User = d.session.User()
		if t := d.session.TLS(); t != nil {
			m.TLS = &SendTLS{t.Version, t.Cipher, t.Verified, t.ServerName, transcript.Escape(t.VerifyError)}
		}
	}
	if d.result == nil || !d.sent {
		return m
	}
	m.Size, m.Reencoded = d.result.Size, d.result.Reencoded
	for _, r := range d.result.Recipients {
		outcome, with := d.recipientOutcome(r)
		out := SendRecipient{}
		if with != nil {
			out = jsonReply(with)
		}
		out.Address, out.Outcome = r.Address, outcome
		m.Recipients = append(m.Recipients, out)
	}
	return m
}
