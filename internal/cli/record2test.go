package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/readfile"
	"smtpsh/internal/wholefile"
	"smtpsh/luabind"
)

func (a *app) recordCommand() *cobra.Command {
	var out string
	var lua bool
	cmd := &cobra.Command{
		Use:   "record2test FILE",
		Short: "convert a recorded session to a dialogue or a Lua test",
		Long: `record2test reads a recorded session and writes a dialogue (.smtp), or a Lua test
file with --lua. It reads files that --log FILE.jsonl wrote, and
text copied from these programs:

  C: and S: lines of smtpsh, also of :diagram, where (+10 lines) shortens a reply
  swaks
  telnet and openssl s_client
  curl -v (it does not show the message; a placeholder is used)
  PHPMailer with SMTPDebug, and Python's smtplib with set_debuglevel
  R: and S:, >>> and <<<, --> and <--, In: and Out:, sendmail -v

The reply codes show which side is the server. A line that is not understood is an
error. Ids, dates, addresses and the text of the greeting become patterns. Logins
become {var:user} and {secret:pass}. Each server becomes a variable with the
recorded server as its default. Texts of other programs do not name the server: run
these tests with --server. FILE is at most 64 MiB; - is standard input.`,
		Example: `  smtpsh run gmail-send --log session.jsonl
  smtpsh record2test session.jsonl -o gmail.smtp
  smtpsh test gmail.smtp --var user=alice@gmail.com --secret pass=@env:PASS`,
		Args: a.args(1, 1),
		RunE: func(_ *cobra.Command, args []string) error { return a.record(args[0], out, lua) },
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write to `FILE`, which ends in .smtp or .lua (default: standard output)")
	cmd.Flags().BoolVar(&lua, "lua", false, "write a Lua test")
	return cmd
}

// maxRecording limits the size of a recorded session. A test contains most of its lines,
// and is useless long before this size.
const maxRecording = 64 << 20

// recordGC makes the garbage collector run more often than usual: reading produces little
// garbage, and memory is more important here than time.
const recordGC = 40

func (a *app) record(path, out string, lua bool) error {
	ctx, over := a.conn.reading(a.ctx)
	defer over()
	ctx, watched := luabind.WatchMemory(ctx, a.vars.memory<<20, a.die)
	defer watched()
	defer debug.SetGCPercent(debug.SetGCPercent(recordGC))
	var in io.Reader
	title := "a recorded session"
	if path != "-" {
		f, err := readfile.Open(ctx, path, readfile.Rule{Limit: maxRecording, Streams: true})
		if stopped(err) {
			return err
		}
		if err != nil {
			return &usageError{err: err, hint: "name a file that --log wrote (at most 64 MiB), or - for standard input"}
		}
		defer f.Close()
		in, title = f, "recorded in "+filepath.Base(path)
	} else {
		s := readfile.NewStream(ctx, a.Stdin, "standard input", maxRecording)
		defer s.Close()
		in = s
	}
	rec, err := dialogue.Read(ctx, in)
	if err == nil || stopped(err) { // the memory may have been freed just before
		err = errors.Join(err, context.Cause(ctx))
	}
	if errors.As(err, new(*luabind.MemoryError)) {
		return &usageError{
			err:  fmt.Errorf("record2test: %s: more than %d MiB of memory are needed to read it", path, a.vars.memory),
			hint: "cut the log, or raise the limit with --max-memory",
		}
	}
	if stopped(err) {
		return err
	}
	if err != nil {
		return &usageError{
			err: fmt.Errorf("record2test: %s: %w", path, err),
			hint: "remove lines that do not belong to the session, or record one with --log FILE.jsonl; " +
				"smtpsh record2test --help lists the formats",
		}
	}
	var text string
	switch {
	case lua || strings.HasSuffix(out, ".lua"):
		text = rec.WriteLua(title)
	case out == "" || strings.HasSuffix(out, ".smtp"):
		text = rec.WriteDialogue(title)
	default:
		return &usageError{
			err:  fmt.Errorf("--output: %s ends neither in .smtp nor in .lua", out),
			hint: "name it NAME.smtp for a dialogue, NAME_test.lua for a Lua test",
		}
	}
	if !rec.NamesServer() {
		defer fmt.Fprintln(a.Stderr, "smtpsh: the recording does not name the server; run the test with --server HOST:PORT")
	}
	if out == "" {
		_, err := io.WriteString(a.Stdout, text)
		return err
	}
	err = wholefile.Create(out, []byte(text), 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &usageError{err: fmt.Errorf("%s exists", out), hint: "delete it first, or choose another name"}
	case err != nil:
		return &usageError{err: err, hint: "name a writable file"}
	}
	return nil
}
