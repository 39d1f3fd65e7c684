package swaks

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
)

// envelope sends MAIL, RCPT and DATA.
func (t *transaction) envelope(ctx context.Context) error {
	mail := "MAIL FROM:<" + t.from + ">"
	if t.on("prdr") && t.hello == "EHLO" {
		if !t.session.Has("PRDR") {
			return fail(exitPRDR, "Host did not advertise PRDR support")
		}
		mail += " PRDR"
		t.prdr = true
	}
	if t.settings.sent == "MAIL" {
		return t.sayOnly(ctx, mail)
	}
	if t.on("pipeline") && t.session.Has("PIPELINING") && !slices.Contains([]string{t.quit, t.drop}, "MAIL") &&
		!slices.Contains([]string{t.quit, t.drop, t.settings.sent}, "RCPT") {
		return t.pipelined(ctx, mail)
	}
	if _, err := t.expect(ctx, mail, exitMail, 2); err != nil {
		return err
	}
	if err := t.stop("MAIL"); err != nil {
		return err
	}
	accepted := 0
	for _, to := range t.recipients() {
		line := "RCPT TO:<" + to + ">"
		if t.settings.sent == "RCPT" {
			return t.sayOnly(ctx, line)
		}
		r, err := t.say(ctx, line)
		if err != nil {
			return err
		}
		ok := r.Completed()
		t.got(r, t.shown(r), ok)
		if ok {
			accepted++
		}
		if r.Code == 421 {
			break
		}
	}
	if accepted == 0 {
		return fail(exitRcpt, "")
	}
	if err := t.stop("RCPT"); err != nil {
		return err
	}
	if t.settings.sent == "DATA" {
		return t.sayOnly(ctx, "DATA")
	}
	_, err := t.expect(ctx, "DATA", exitData, 354)
	return err
}

// pipelined sends the envelope and DATA together.
func (t *transaction) pipelined(ctx context.Context, mail string) error {
	lines := []string{mail}
	for _, to := range t.recipients() {
		lines = append(lines, "RCPT TO:<"+to+">")
	}
	lines = append(lines, "DATA")
	for _, l := range lines {
		t.output.sent(l)
	}
	got, err := t.session.Pipeline(ctx, lines...)
	status, accepted := exitOK, 0
	for i, x := range got {
		r := x.Reply
		if r == nil {
			break
		}
		last := i == len(lines)-1
		ok := r.Completed() && !last || last && r.Code == 354 && (accepted > 0 || status != exitOK)
		t.got(r, t.shown(r), ok)
		switch {
		case i == 0 && !ok:
			status = exitMail
		case i > 0 && !last && ok:
			accepted++
		case last && status == exitOK && accepted == 0:
			status = exitRcpt
		case last && !ok && status == exitOK:
			status = exitData
		}
		if last && r.Code == 354 && status != exitOK { // the server waits for a message: send none
			if err := t.session.Write(ctx, []byte(".\r\n")); err == nil {
				t.output.sent(".")
				if r, err := t.session.ReadReply(ctx, 0); err == nil {
					t.got(r, t.shown(r), !r.Completed())
				}
			}
		}
	}
	if err != nil {
		return err
	}
	if status != exitOK {
		return fail(status, "")
	}
	return nil
}

// send sends the message and its final dot.
func (t *transaction) send(ctx context.Context) error {
	if err := t.stop("DATA"); err != nil {
		return err
	}
	if t.on("no-data-fixup") || t.settings.sent == "DOT" {
		return t.sendRaw(ctx)
	}
	stuffed := bytes.ReplaceAll(append([]byte("\r\n"), t.composed...), []byte("\r\n."), []byte("\r\n.."))[2:]
	t.showMessage(append(stuffed, ".\r\n"...))
	r, err := t.session.Content(ctx, engine.AnyLength(io.Reader(bytes.NewReader(t.composed))))
	if err != nil {
		return err
	}
	return t.final(r)
}

// sendRaw sends the message byte by byte as it is.
func (t *transaction) sendRaw(ctx context.Context) error {
	text := t.composed
	if !t.on("no-data-fixup") {
		text = append(bytes.Clone(text), ".\r\n"...)
	}
	t.showMessage(text)
	if err := t.session.Write(ctx, text); err != nil {
		return err
	}
	if t.settings.sent == "DOT" {
		return errDropped
	}
	r, err := t.session.ReadReply(ctx, t.timeout)
	if err != nil {
		return err
	}
	return t.final(r)
}

// final shows the replies to the message.
func (t *transaction) final(r *reply.Reply) error {
	if t.prdr && t.begun != nil {
		t.got(t.begun, t.shown(t.begun), t.begun.Code == 353)
	}
	accepted := r.Completed()
	for _, d := range t.session.Deliveries() {
		ok := d.Reply.Completed()
		t.got(d.Reply, t.shown(d.Reply), ok)
		accepted = accepted || ok && t.hello == "LHLO"
	}
	if t.hello != "LHLO" || len(t.session.Deliveries()) == 0 {
		t.got(r, t.shown(r), r.Completed())
	}
	if !accepted {
		return fail(exitMessage, "")
	}
	return t.stop("DOT")
}

// write writes text to a file, or to standard output without a name.
func (t *transaction) write(name string, content string) error {
	if name == "" {
		for line := range strings.Lines(content) {
			t.info(strings.TrimRight(line, "\n"))
		}
		return nil
	}
	if err := t.env.WriteFile(name, []byte(content)); err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return nil
}
