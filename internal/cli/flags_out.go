package cli

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"smtpsh/engine/event"
	"smtpsh/internal/logfile"
	"smtpsh/transcript"
)

// outFlags are the flags for showing and logging sessions.
type outFlags struct {
	color       string
	timings     bool
	log         string
	format      string
	quiet       bool
	showSecrets bool
	keepGoing   bool

	show    transcript.TextOptions
	logSink event.Observer
	file    *logfile.File // nil without --log
}

func (o *outFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.color, "color", "auto", "`WHEN` to use color: auto, always or never; NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE "+
		"also work (default: auto)")
	f.BoolVar(&o.timings, "timings", false, "show the seconds since the start before each line")
	f.StringVar(&o.log, "log", "", "append the transcript to `FILE`: as JSON lines if it ends in .jsonl, else as text")
	f.StringVar(&o.format, "format", "text", "`FORM` of the transcript: text or jsonl (default: text)")
	f.BoolVar(&o.quiet, "quiet", false, "do not show the transcript")
	f.BoolVar(&o.showSecrets, "show-secrets", false, "show passwords and tokens in the transcript")
}

func (o *outFlags) prepare(a *app, server bool) error {
	switch o.color {
	case "auto", "always", "never":
	default:
		return &usageError{err: fmt.Errorf("--color: %q is not auto, always or never", o.color), hint: "omit it for auto"}
	}
	if o.format != "text" && o.format != "jsonl" {
		return &usageError{err: fmt.Errorf("--format: %q is not text or jsonl", o.format), hint: "omit it for text"}
	}
	o.show = transcript.TextOptions{Color: o.useColor(a), Timings: o.timings, ShowSecrets: o.showSecrets, Terminal: a.Terminal(a.Stdout)}
	if o.log == "" {
		return nil
	}
	f, err := logfile.Open(a.ctx, o.log, logfile.Options{JSON: o.format == "jsonl", Text: transcript.TextOptions{
		Timings: true, ShowSecrets: o.showSecrets, ContentLines: -1, Sessions: true, Server: server}})
	if err != nil {
		return &usageError{err: fmt.Errorf("--log: %w", err), hint: "name a writable file"}
	}
	o.file, o.logSink = f, f
	return nil
}

func (o *outFlags) sink(w io.Writer, jsonl bool, text transcript.TextOptions) logfile.Sink {
	text.ShowSecrets = o.showSecrets
	return logfile.NewSink(w, logfile.Options{JSON: jsonl, Text: text})
}

// observer returns the observer that shows sessions of scripts on w, together with the log.
func (o *outFlags) observer(w io.Writer) event.Observer {
	if o.quiet {
		return o.logSink
	}
	return event.Tee(o.sink(w, o.format == "jsonl", o.show), o.logSink)
}

// useColor checks the flag, then NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then
// whether the output is a terminal.
func (o *outFlags) useColor(a *app) bool {
	switch {
	case o.color != "auto":
		return o.color == "always"
	case o.format == "jsonl" || a.Getenv("NO_COLOR") != "":
		return false
	case forced(a.Getenv("FORCE_COLOR")) || forced(a.Getenv("CLICOLOR_FORCE")):
		return true
	}
	return a.Terminal(a.Stdout) && a.Getenv("TERM") != "dumb"
}

// forced reads a variable that forces colour; 0 and false do not.
func forced(value string) bool { return value != "" && value != "0" && value != "false" }

// close ends the log and returns the error if it could not be written.
func (o *outFlags) close() error {
	if o.file == nil {
		return nil
	}
	if err := o.file.Close(); err != nil {
		return &usageError{
			err:  fmt.Errorf("--log: %w", err),
			hint: "name a file on a disk with room; this one lacks a part of the transcript",
		}
	}
	return nil
}
