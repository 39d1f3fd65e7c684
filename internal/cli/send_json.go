package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/transcript"
)

// SendReport is the result of smtpsh send as JSON.
type SendReport struct {
	Version    string        `json:"smtpsh" doc:"version of smtpsh"`
	Target     string        `json:"target" doc:"server that got the message; mx with --mx"`
	TargetNote string        `json:"target_note,omitempty" doc:"origin of the target, if it is the default"`
	Outcome    string        `json:"outcome" doc:"as of a message; mixed, if the messages differ"`
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
	Domain     string          `json:"domain,omitempty" doc:"domain of the recipients, with --mx"`
	Attempts   []SendAttempt   `json:"attempts,omitempty" doc:"hosts that were tried, with --mx"`
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

// SendAttempt is a host in a SendReport.
type SendAttempt struct {
	Host       string     `json:"host" doc:"host name of the MX record, or the domain itself"`
	Preference int        `json:"preference" doc:"preference of the MX record; the lowest is tried first"`
	Implicit   bool       `json:"implicit,omitempty" doc:"the domain has no MX records"`
	Error      *SendError `json:"error,omitempty" doc:"why it was not used"`
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
	if s.flags.mx {
		target, note = "mx", ""
	}
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
	m := SendMessage{Number: d.number, Outcome: d.outcome(), StopAfter: d.stopped, Remark: transcript.Escape(d.remark),
		Error: sendError(d.failure())}
	m.Domain = d.domain
	for _, at := range d.attempts {
		m.Attempts = append(m.Attempts, SendAttempt{
			Host: at.host.Name, Preference: int(at.host.Preference), Implicit: at.host.Implicit, Error: sendError(at.err),
		})
	}
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
