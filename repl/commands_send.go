package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/wholefile"
	"smtpsh/repl/line"
	"smtpsh/transcript"
)

func sendCommands() []Command {
	return []Command{
		{
			Names: []string{"pipe"}, Group: "send",
			Summary: "send several commands at once (pipelining)",
			Detail: "Reads lines up to a line with a single dot, sends them together, and shows each with its reply. ^C cancels " +
				"and sends nothing. :expect before a line sets its expected reply.",
			Example: "EHLO me\n:pipe\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@sandbox.test>\n:expect 4xx\nRCPT TO:<mailbox-full@sandbox.test>\n" +
				"RSET\n.",
			run: func(ctx context.Context, r *REPL, _ []string) error { return r.pipe(ctx) },
		},
		{
			Names: []string{"send"}, Group: "send", Args: []Arg{{Name: "FILE", Kind: File}, {Name: "raw", Optional: true}},
			Summary: "send a file as the message",
			Detail: "Sends DATA and then FILE; send MAIL and RCPT before it. :send last sends the message that was typed or edited last, " +
				"for example after the connection broke (write ./last for a file of that name). Lines end with CRLF, and dots are " +
				"stuffed. A file with a line of more than 998 bytes is not sent (RFC 5321 section 4.5.3.1.6), unless raw follows " +
				"its name. For a long file the progress is shown; ^C then closes the connection.",
			Example: "EHLO me\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@sandbox.test>\n:send letter.eml",
			run:     func(ctx context.Context, r *REPL, args []string) error { return r.sendFile(ctx, args) },
		},
		{
			Names: []string{"edit"}, Group: "send", Args: []Arg{{Name: "FILE", Kind: File, Optional: true}},
			Summary: "write a message in your editor",
			Detail: "Opens $VISUAL or $EDITOR with FILE, with the message that was not sent, or with a draft from the envelope. " +
				"When the editor ends and a recipient was accepted, the message is sent with DATA. Otherwise it is kept for the " +
				"next :edit. An empty text sends nothing.",
			Example: "",
			run:     func(ctx context.Context, r *REPL, args []string) error { return r.edit(ctx, args) },
		},
	}
}

// pipe reads a batch of commands, sends it, and shows each command with its reply.
func (r *REPL) pipe(ctx context.Context) error {
	s, err := r.sessions.live()
	if err != nil {
		return err
	}
	if err := r.missedExpectation(); err != nil {
		return err
	}
	if r.in.Terminal() {
		r.screen.say("*  type commands, then a line with a single dot; they are sent together; ^C cancels")
	}
	body, err := r.collect(ctx, "pipe> ", maxBatch, nil)
	switch {
	case errors.Is(err, line.ErrInterrupt):
		r.screen.say("*  nothing was sent")
		return nil
	case err == io.EOF:
		return &InputError{errors.New("the input ended within :pipe, before the dot; nothing was sent")}
	case err != nil:
		return err
	}
	var lines []string
	wants := map[int]*reply.Want{}
	for l := range strings.Lines(string(body)) {
		l = strings.TrimSuffix(l, "\n")
		if w, ok := strings.CutPrefix(strings.TrimSpace(l), ":expect "); ok {
			want, err := reply.ParseWant(strings.TrimSpace(w))
			if err != nil {
				return &InputError{fmt.Errorf("%w; nothing was sent", err)}
			}
			wants[len(lines)] = &want
			continue
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return wrong("type the commands on the lines after :pipe, then a line with a single dot", ":pipe has no commands: nothing was sent")
	}
	if r.in.Terminal() {
		defer r.screen.beginBatch()()
	}
	all, err := s.Pipeline(ctx, lines...)
	if !r.in.Terminal() && !r.opts.Quiet && !r.opts.JSON {
		for _, x := range all {
			if x.Reply != nil {
				r.screen.say("*  %s: %s", transcript.Escape(x.Line), transcript.Escape(firstLine(x.Reply)))
			}
		}
	}
	for i, x := range all {
		if x.Reply == nil {
			continue
		}
		r.expected = wants[i]
		if jerr := r.judge(x.Reply); jerr != nil && err == nil {
			err = jerr
		}
	}
	var last *reply.Reply
	if n := len(all); n > 0 {
		last = all[n-1].Reply
	}
	switch isData := last != nil && last.Verb == "DATA"; {
	case isData && !(err == nil && last.Code == 354):
		r.refusedData(s, last)
	case err == nil && s.State() == engine.InData:
		return r.compose(ctx, s)
	}
	return err
}

// maxBatch is the largest size of the lines of :pipe and :lua, in bytes.
const maxBatch = 1 << 20

func firstLine(rep *reply.Reply) string {
	text := fmt.Sprintf("%03d %s", rep.Code, rep.Lines()[0])
	if n := len(rep.Lines()); n > 1 {
		text += fmt.Sprintf(" (+%d lines)", n-1)
	}
	return text
}

// sendFile sends a file as the message.
func (r *REPL) sendFile(ctx context.Context, args []string) error {
	s, err := r.sessions.live()
	if err != nil {
		return err
	}
	if len(args) > 1 && args[1] != "raw" {
		return wrong("usage: :send FILE [raw]", "unexpected argument %s", transcript.Escape(args[1]))
	}
	f, octets, err := r.messageAt(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	defer r.screen.shorten(octets)()
	content := io.Reader(f)
	if len(args) > 1 {
		content = engine.AnyLength(f)
	}
	if r.settings.teaching {
		if advice := r.sessions.current.tutor.Advise(r.situation(s), "DATA"); advice != "" {
			r.screen.remark(advice)
		}
	}
	r.screen.line.octets = octets
	begun := time.Now()
	rep, err := s.Data(ctx, content)
	r.in.Progress("")
	if args[0] == last && err == nil && rep.Completed() {
		r.drafts.unsent = nil
	}
	if err == nil && rep.Completed() && octets >= longMessage {
		took := time.Since(begun).Seconds()
		r.screen.say("*  %s in %.1f s", size(octets), took)
	}
	for _, d := range s.Deliveries() {
		if d.Reply != rep {
			if jerr := r.judge(d.Reply); jerr != nil && err == nil {
				return jerr
			}
		}
	}
	return r.answer(rep, err)
}

// last is the argument of :send for the message that was typed last.
const last = "last"

// messageAt opens the message to send and returns its size in bytes.
func (r *REPL) messageAt(path string) (io.ReadCloser, int64, error) {
	if path != last {
		f, info, err := openFile(expand(path))
		if err != nil {
			return nil, 0, err
		}
		return f, info.Size(), nil
	}
	text := r.drafts.unsent
	if len(text) == 0 {
		text = r.drafts.latest
	}
	if len(text) == 0 {
		return nil, 0, wrong(":send FILE sends a file; for a file named last, write ./last", "no message has been typed yet")
	}
	return io.NopCloser(bytes.NewReader(text)), int64(len(text)), nil
}

// edit opens a draft in the editor and sends the result.
func (r *REPL) edit(ctx context.Context, args []string) error {
	s, _ := r.sessions.live() // a kept text can be edited without a session
	before, err := r.beforeEdit(s, args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "smtpsh-")
	if err != nil {
		return wrong("free disk space for temporary files, or set TMPDIR", "%s", errText(err))
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "message.eml")
	if err := wholefile.Create(path, before, 0o600); err != nil {
		return wrong("free disk space for temporary files, or set TMPDIR", "%s", errText(err))
	}
	err = r.in.Outside(func(in, out *os.File) error {
		cmd := exec.Command("sh", "-c", r.opts.Editor+` "$1"`, "sh", path)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, out
		return cmd.Run()
	})
	switch {
	case errors.Is(err, line.ErrNoTerminal):
		return wrong(":send FILE sends a file", "cannot start the editor: no terminal")
	case err != nil:
		return wrong("set EDITOR to your editor; nothing was sent", "the editor %s failed: %v", transcript.Escape(r.opts.Editor), err)
	}
	after, err := readFile(path, maxTyped)
	switch {
	case err != nil:
		return err
	case len(strings.TrimSpace(string(after))) == 0:
		r.drafts.unsent = nil
		r.screen.say("*  the text is empty: nothing was sent")
		return nil
	case s == nil:
		r.drafts.unsent, r.drafts.latest = after, after
		r.screen.say("*  not connected, so the text is kept. To send it: :reconnect, MAIL, RCPT, then :send last")
		return nil
	case s.State() != engine.InRcpt:
		r.drafts.unsent, r.drafts.latest = after, after
		r.screen.say("*  no recipient was accepted, so the text is kept. To send it: MAIL, RCPT, then :edit")
		return nil
	}
	r.drafts.unsent = after
	if err := engine.CheckText(bytes.NewReader(after)); err != nil {
		return wrong("shorten the line with :edit, or save the text and use :send FILE raw", "%s; nothing was sent", errText(err))
	}
	rep, err := s.Do(ctx, "DATA")
	if err != nil || rep.Code != 354 {
		return r.answer(rep, err)
	}
	err = r.content(ctx, s, after)
	if err == nil {
		r.drafts.unsent = nil
	}
	return err
}

// beforeEdit returns the text that the editor opens with.
func (r *REPL) beforeEdit(s *engine.Session, args []string) ([]byte, error) {
	if len(args) > 0 {
		return readFile(expand(args[0]), maxTyped)
	}
	var from string
	var rcpts []string
	if s != nil {
		from, rcpts = s.Envelope()
	}
	if len(r.drafts.unsent) > 0 { // the draft may be older than the envelope
		text := strings.Replace(string(r.drafts.unsent), "From: <>\n", fmt.Sprintf("From: <%s>\n", from), 1)
		if len(rcpts) > 0 {
			text = strings.Replace(text, "To: \n", "To: <"+strings.Join(rcpts, ">,\n <")+">\n", 1)
		}
		return []byte(text), nil
	}
	head := fmt.Sprintf("From: <%s>\nTo: <%s>\nSubject: \nDate: %s\n\n", from, strings.Join(rcpts, ">,\n <"), time.Now().Format(time.RFC1123Z))
	if len(rcpts) == 0 {
		head = strings.Replace(head, "To: <>\n", "To: \n", 1)
	}
	return []byte(head), nil
}
