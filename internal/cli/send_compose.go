package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"smtpsh/internal/message"
	"smtpsh/internal/readfile"
)

// composeFlags are the flags of a message that send composes.
type composeFlags struct {
	from     string
	to       []string
	cc       []string
	bcc      []string
	replyTo  string
	subject  string
	text     string
	html     string
	bodyFile string
	attach   []string
	headers  []string
}

func (f *composeFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.from, "from", "", "sender `MAILBOX`, such as ann@example.org or 'Ann <ann@example.org>' (default: the NAME of --user)")
	fl.StringArrayVar(&f.to, "to", nil, "recipient `MAILBOX`; several are separated by commas, or the flag is repeated")
	fl.StringArrayVar(&f.cc, "cc", nil, "also send to `MAILBOX`, and name it in the field Cc")
	fl.StringArrayVar(&f.bcc, "bcc", nil, "also send to `MAILBOX`, which the header does not name")
	fl.StringVar(&f.replyTo, "reply-to", "", "`MAILBOX` for answers")
	fl.StringVar(&f.subject, "subject", "", "`TEXT` of the subject")
	fl.StringVar(&f.text, "text", "", "`TEXT` of the body")
	fl.StringVar(&f.html, "html", "", "`TEXT` of an HTML body; with --text the message has both")
	fl.StringVar(&f.bodyFile, "body-file", "", "read the body from `FILE`, as HTML if its name ends in .html")
	fl.StringArrayVar(&f.attach, "attach", nil, "attach `FILE`")
	fl.StringArrayVar(&f.headers, "header", nil, "add a header field: `'NAME: VALUE'`")
}

// given returns the first flag that composes a message, or "". Flags of the envelope do not
// count.
func (f *composeFlags) given(fl *pflag.FlagSet) string {
	for _, name := range []string{"subject", "text", "html", "body-file", "attach", "header", "reply-to", "cc", "bcc"} {
		if fl.Changed(name) {
			return "--" + name
		}
	}
	return ""
}

// compose makes the description of a message from the flags. It composes it once, to find
// mistakes before a session is opened.
func (a *app) compose(ctx context.Context, f *sendFlags, m *mailing, needed bool) error {
	if !needed {
		m.finished, _ = message.ReadFinished(strings.NewReader("\r\n"), 0)
	}
	spec := &message.Spec{
		From: or(f.from, m.from), To: f.to, Cc: f.cc, Bcc: append(append([]string{}, f.bcc...), m.recipients...), ReplyTo: f.replyTo,
		Subject: f.subject, Text: f.text, HTML: f.html,
	}
	m.spec = spec
	if !needed {
		return nil
	}
	if spec.From == "" {
		return &usageError{err: errors.New("there is no sender for the header"), hint: "add --from MAILBOX"}
	}
	if f.bodyFile != "" {
		if err := a.readBody(ctx, f, spec); err != nil {
			return err
		}
	}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return &usageError{err: fmt.Errorf("--header: %q is not NAME: VALUE", h), hint: "for example --header 'X-Test: 1'"}
		}
		spec.Headers = append(spec.Headers, message.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	for _, path := range f.attach {
		file, _, err := readfile.Regular(path)
		if err == nil {
			file.Close()
			spec.Attachments = append(spec.Attachments, message.Attachment{
				Name: filepath.Base(path),
				Open: func() (io.ReadCloser, error) { f, _, err := readfile.Regular(path); return f, err },
			})
			continue
		}
		if !errors.As(err, new(*readfile.KindError)) {
			return &usageError{err: fmt.Errorf("--attach: %w", err), hint: "name a file that can be read"}
		}
		data, err := a.readNamed(ctx, path, maxBody) // a pipe, which can be read once
		if stopped(err) {
			return err
		}
		if err != nil {
			return &usageError{err: fmt.Errorf("--attach: %w", err), hint: "name a file that can be read"}
		}
		spec.Attachments = append(spec.Attachments, message.Attachment{Name: filepath.Base(path), Data: data})
	}
	if _, err := message.Compose(io.Discard, *spec); err != nil {
		return composeError(err)
	}
	return nil
}

// readBody reads --body-file.
func (a *app) readBody(ctx context.Context, f *sendFlags, spec *message.Spec) error {
	isHTML := strings.EqualFold(filepath.Ext(f.bodyFile), ".html") || strings.EqualFold(filepath.Ext(f.bodyFile), ".htm")
	body, flag := &spec.Text, "--text"
	if isHTML {
		body, flag = &spec.HTML, "--html"
	}
	if *body != "" {
		return &usageError{err: fmt.Errorf("%s and --body-file %s cannot be combined", flag, f.bodyFile), hint: "omit one of them"}
	}
	var text []byte
	var err error
	if f.bodyFile == "-" {
		text, err = readfile.All(ctx, a.Stdin, "standard input", maxBody)
	} else {
		text, err = a.readNamed(ctx, f.bodyFile, maxBody)
	}
	if stopped(err) {
		return err
	}
	if err == nil && (!utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0) {
		err = fmt.Errorf("%s is not a text in UTF-8", f.bodyFile)
	}
	if err != nil {
		return &usageError{err: fmt.Errorf("--body-file: %w", err), hint: "name a text in UTF-8; --attach FILE attaches any file"}
	}
	*body = string(text)
	return nil
}

// composeError is an error of the composition with a hint. The message package names fields,
// not flags.
func composeError(err error) error {
	if stopped(err) {
		return err
	}
	return &usageError{err: fmt.Errorf("the message: %w", err), hint: "correct the flag of that name; smtpsh send --help lists them"}
}
