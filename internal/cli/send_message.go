package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"smtpsh/internal/deliver"
	"smtpsh/internal/message"
	"smtpsh/internal/readfile"
	"smtpsh/internal/spool"
)

// The largest inputs of send, in bytes.
const (
	maxMessage   = 8 << 30  // of a message
	maxBody      = 64 << 20 // of --body-file
	maxAddresses = 16 << 20 // of --to-file
)

// mailing is the message to send, with its envelope.
type mailing struct {
	from       string
	recipients []string
	finished   *message.Finished // nil for a message of the flags
	file       io.Closer
	spec       *message.Spec // of the flags
	now        func() time.Time
}

func (m *mailing) close() {
	if m.file != nil {
		m.file.Close()
	}
}

// ready is a message that can be sent.
type ready struct {
	*message.Finished
	file *spool.File // nil for the file of the mailing
}

func (r *ready) close() {
	if r.file != nil {
		r.file.Close()
	}
}

// message returns the message with a number. A message of the flags gets a Message-ID of its
// own each time.
func (m *mailing) message(ctx context.Context, _ int) (*ready, error) {
	if m.finished != nil {
		return &ready{Finished: m.finished}, nil
	}
	file, err := spool.New(maxMessage)
	if err != nil {
		return nil, err
	}
	if _, err := message.Compose(file, *m.spec); err != nil {
		file.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, composeError(err)
	}
	finished, err := message.ReadFinished(file, file.Size())
	if err != nil {
		file.Close()
		return nil, err
	}
	return &ready{finished, file}, nil
}

// mailing reads the message of the command line and finds its envelope.
func (a *app) mailing(ctx context.Context, f *sendFlags, args []string) (*mailing, error) {
	ctx, over := a.conn.reading(ctx)
	defer over()
	m := &mailing{now: time.Now}
	fl := f.cmd.Flags()
	content := f.given(fl)
	needed := f.stopAfter == "" || f.stopAfter == "data"
	envelope := needed || f.stopAfter == "mail" || f.stopAfter == "rcpt"
	switch {
	case len(args) == 1 && content != "":
		return nil, &usageError{
			err:  fmt.Errorf("%s and the finished message %s cannot be combined", content, brief(args[0])),
			hint: "send FILE sends the file as it is; use --body-file or --attach for a file that belongs into a message",
		}
	case len(args) == 0 && content == "" && needed:
		return nil, &usageError{
			err:  errors.New("there is no message to send"),
			hint: "add --text TEXT or --subject TEXT, or name a file with a finished message, or - for standard input",
		}
	}
	if len(args) == 1 {
		if err := a.readFinished(ctx, m, args[0]); err != nil {
			return nil, err
		}
	}
	if m.finished != nil && m.finished.Needs().NUL > 0 && !slices.Contains(f.ignore, string(deliver.NUL)) {
		m.close() // no server needs to be asked about this
		return nil, &usageError{
			err:  fmt.Errorf("%s: line %d has a NUL byte, which no message may have (RFC 5322 section 4.1)", args[0], m.finished.Needs().NUL),
			hint: "remove it, or add --ignore nul",
		}
	}
	err := a.envelope(ctx, f, m, envelope)
	if err == nil && m.finished != nil {
		err = m.edit(f)
	}
	if err == nil && m.finished == nil {
		err = a.compose(ctx, f, m, needed)
	}
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// readFinished opens a finished message. A regular file is read where it is; everything else
// is copied into a temporary file first.
func (a *app) readFinished(ctx context.Context, m *mailing, name string) error {
	shown := name
	var src io.ReaderAt
	var size int64
	file, info, err := readfile.Regular(name)
	switch kind := new(readfile.KindError); {
	case name == "-":
		if err == nil {
			file.Close()
		}
		shown = "standard input"
		err = a.spoolInput(ctx, m, readfile.NewStream(ctx, a.Stdin, shown, maxMessage))
	case err == nil:
		src, size, m.file = file, info.Size(), file
	case errors.As(err, &kind): // a pipe, for example <(COMMAND)
		var s *readfile.Stream
		if s, err = readfile.Open(ctx, name, readfile.Rule{Limit: maxMessage, Streams: true}); err == nil {
			err = a.spoolInput(ctx, m, s)
		}
	}
	if stopped(err) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: this file does not exist", name)
	}
	if err != nil {
		return &usageError{err: err, hint: or(a.rightForm("send", name), "name a file with a finished message, or - for standard input")}
	}
	if s, ok := m.file.(*spool.File); ok {
		src, size = s, s.Size()
	}
	m.finished, err = message.ReadFinished(src, size)
	if err != nil {
		m.close()
		return &usageError{
			err:  fmt.Errorf("%s: %w", shown, err),
			hint: "a finished message begins with header fields and an empty line; --body-file FILE sends a file as the body of a new message",
		}
	}
	return nil
}

func (a *app) spoolInput(ctx context.Context, m *mailing, in *readfile.Stream) error {
	defer in.Close()
	s, err := spool.Fill(ctx, in, maxMessage)
	if err == nil {
		m.file = s
	}
	return err
}

// envelope finds the sender and the recipients. Without needed they may be missing.
func (a *app) envelope(ctx context.Context, f *sendFlags, m *mailing, needed bool) error {
	fl := f.cmd.Flags()
	from := f.from
	if from == "" && strings.Contains(f.user, "@") {
		from = f.user
	}
	if fl.Changed("envelope-from") {
		from = f.envelopeFrom
	}
	var err error
	switch {
	case fl.Changed("envelope-from") && (from == "" || from == "<>"):
	case from != "":
		list, err := message.Addresses([]string{from})
		if err != nil || len(list) != 1 {
			return &usageError{
				err:  fmt.Errorf("--from: %q is not one mailbox", from),
				hint: "write ann@example.org or 'Ann <ann@example.org>'",
			}
		}
		m.from = list[0]
	case m.finished != nil:
		if m.from, err = m.finished.Sender(); err == nil && m.from == "" {
			err = errors.New("the message has no Sender and no From")
		}
		if err != nil {
			return &usageError{err: err, hint: "add --from ADDR"}
		}
	case needed:
		return &usageError{err: errors.New("there is no sender"), hint: "add --from ADDR"}
	}
	if m.recipients, err = message.Addresses(append(append(append([]string{}, f.to...), f.cc...), f.bcc...)); err != nil {
		return &usageError{err: fmt.Errorf("--to: %w", err), hint: "write bob@example.org or 'Bob <bob@example.org>'"}
	}
	more, err := a.recipientFile(ctx, f.toFile)
	if err != nil {
		return err
	}
	m.recipients = append(m.recipients, more...)
	if len(m.recipients) == 0 && m.finished != nil {
		if m.recipients, err = m.finished.Recipients(); err != nil {
			return &usageError{err: err, hint: "add --to ADDR"}
		}
		f.removeBcc = !f.keepBcc
	}
	m.recipients = unique(m.recipients)
	if len(m.recipients) == 0 && needed && f.stopAfter != "mail" {
		what := "there is no recipient"
		if m.finished != nil {
			what = "the message has no recipient in To, Cc or Bcc"
		}
		return &usageError{err: errors.New(what), hint: "add --to ADDR"}
	}
	return nil
}

// recipientFile reads addresses, one in each line.
func (a *app) recipientFile(ctx context.Context, name string) ([]string, error) {
	if name == "" {
		return nil, nil
	}
	text, err := a.readNamed(ctx, name, maxAddresses)
	if stopped(err) {
		return nil, err
	}
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("--to-file: %w", err), hint: "name a file with one address in each line"}
	}
	var out []string
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		list, err := message.Addresses([]string{line})
		if err != nil {
			return nil, &usageError{err: fmt.Errorf("%s:%d: %w", name, n, err), hint: "write one address in each line; # begins a comment"}
		}
		out = append(out, list...)
	}
	return out, nil
}

func unique(list []string) []string {
	known := map[string]bool{}
	var out []string
	for _, s := range list {
		if !known[s] {
			known[s] = true
			out = append(out, s)
		}
	}
	return out
}

// edit changes the header of a finished message as the flags say.
func (m *mailing) edit(f *sendFlags) error {
	var remove []string
	if f.removeBcc && (m.finished.Has("Bcc") || m.finished.Has("Resent-Bcc")) {
		remove = []string{"Bcc", "Resent-Bcc"}
	}
	var added []message.Field
	if f.addHeaders {
		var err error
		if added, err = m.finished.Missing(m.from, m.now()); err != nil {
			return err
		}
	}
	if len(remove) == 0 && len(added) == 0 {
		return nil
	}
	finished, err := m.finished.Edit(remove, added...)
	if err == nil {
		m.finished = finished
	}
	return err
}

// printMailing prints the envelope and the message.
func (a *app) printMailing(m *mailing) error {
	out := &bytes.Buffer{}
	fmt.Fprintf(out, "MAIL FROM:<%s>\n", m.from)
	for _, to := range m.recipients {
		fmt.Fprintf(out, "RCPT TO:<%s>\n", to)
	}
	out.WriteString("DATA\n")
	io.WriteString(a.Stdout, a.shown(out.String())) //nolint:errcheck // standard output is checked
	r, err := m.message(a.ctx, 1)
	if err != nil {
		return err
	}
	defer r.close()
	return a.printLines(r.Reader())
}
