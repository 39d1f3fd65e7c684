package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/readfile"
	"smtpsh/internal/wholefile"
)

func (a *app) recordCommand() *cobra.Command {
	var out string
	var lua bool
	cmd := &cobra.Command{
		Use:   "record2test FILE",
		Short: "make a dialogue or a Lua test of a recorded session",
		Long: `record2test reads a recorded session and writes a dialogue (.smtp), or with
--lua a test file. It reads what --log FILE.jsonl writes, and these texts:

  C: and S: lines of smtpsh, also with (+10 lines) behind a reply
  swaks
  telnet and openssl s_client
  curl -v, which does not show the message: another one stands in its place
  PHPMailer with SMTPDebug, and Python's smtplib with set_debuglevel
  R: and S:, >>> and <<<, --> and <--, In: and Out:, sendmail -v

The reply codes decide which side is the server's. A line that is not understood
is an error. Ids, dates, addresses and the greeting's text become patterns, logins
become {var:user} and {secret:pass}, and each server a variable that has the
recorded one as its default. Texts of other programs do not name the server: run
their tests with --server. FILE may be - for standard input.`,
		Example: `  smtpsh run gmail-send --log session.jsonl
  smtpsh record2test session.jsonl -o gmail.smtp
  smtpsh test gmail.smtp --var user=alice@gmail.com --secret pass=@env:PASS`,
		Args: a.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error { return a.record(args[0], out, lua) },
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write to `FILE`; by its ending .smtp or .lua, standard output by default")
	cmd.Flags().BoolVar(&lua, "lua", false, "write a Lua test")
	return cmd
}

// maxRecording bounds a recorded session.
const maxRecording = 256 << 20

func (a *app) record(path, out string, lua bool) error {
	ctx, over := a.conn.reading(a.ctx)
	defer over()
	var in io.Reader
	title := "a recorded session"
	if path != "-" {
		f, err := readfile.Open(ctx, path, readfile.Rule{Limit: maxRecording, Streams: true})
		if stopped(err) {
			return err
		}
		if err != nil {
			return &usageError{err: err, hint: "name a file of --log, or - for standard input"}
		}
		defer f.Close()
		in, title = f, "recorded in "+filepath.Base(path)
	} else {
		s := readfile.NewStream(ctx, a.Stdin, "standard input", maxRecording)
		defer s.Close()
		in = s
	}
	data, err := io.ReadAll(in)
	if stopped(err) {
		return err
	}
	var rec *dialogue.Recording
	if err == nil {
		rec, err = dialogue.Read(data)
	}
	if err != nil {
		return &usageError{err: fmt.Errorf("record2test: %s: %w", path, err), hint: "take out lines that are not of the session, or record one with --log FILE.jsonl; smtpsh record2test --help lists what can be read"}
	}
	var text string
	switch {
	case lua || strings.HasSuffix(out, ".lua"):
		text = rec.WriteLua(title)
	case out == "" || strings.HasSuffix(out, ".smtp"):
		text = rec.WriteDialogue(title)
	default:
		return &usageError{err: fmt.Errorf("--output: %s ends neither in .smtp nor in .lua", out), hint: "name it NAME.smtp for a dialogue, NAME_test.lua for a Lua test"}
	}
	if !rec.NamesServer() {
		defer fmt.Fprintln(a.Stderr, "smtpsh: the recording does not name its server: run the test with --server HOST:PORT")
	}
	if out == "" {
		_, err := io.WriteString(a.Stdout, text)
		return err
	}
	err = wholefile.Create(out, []byte(text), 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &usageError{err: fmt.Errorf("%s exists", out), hint: "take it away first, or choose another name"}
	case err != nil:
		return &usageError{err: err, hint: "name a file that can be written"}
	}
	return nil
}
