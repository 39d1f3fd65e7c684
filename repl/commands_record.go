package repl

import (
	"context"
	"strings"

	"smtpsh/internal/diagram"
	"smtpsh/internal/wholefile"
	"smtpsh/transcript"
)

func recordCommands() []Command {
	return []Command{
		{
			Names: []string{"show"}, Group: "record", Args: []Arg{{Name: "LINES", Kind: Text, Optional: true}},
			Summary: "show the transcript with times",
			Detail:  "Shows the transcript since the prompt began, or its last LINES lines.",
			Example: "NOOP\n:show\n:show 2",
			run: func(_ context.Context, r *REPL, args []string) error {
				n := 0
				if len(args) > 0 {
					var err error
					if n, err = atLeastOne(args[0]); err != nil {
						return err
					}
				}
				r.screen.page(r.recording.text(n))
				return nil
			},
		},
		{
			Names: []string{"diagram"}, Group: "record",
			Summary: "show the session as a sequence diagram",
			Detail: "The client is on the left, the server on the right, time runs downwards. A double line is encrypted. A " +
				"bracket joins commands that were sent together. :save x.html writes a page with an explanation for every row.",
			Example: "EHLO me\nNOOP\n:diagram",
			run: func(_ context.Context, r *REPL, _ []string) error {
				d, err := r.recording.diagram()
				if err != nil {
					return err
				}
				var b strings.Builder
				if err := d.Text(&b, diagram.TextOptions{Width: r.screen.columns(), Color: r.settings.show.Color}); err != nil {
					return err
				}
				r.screen.page(b.String())
				return nil
			},
		},
		{
			Names: []string{"save"}, Group: "record", Args: []Arg{{Name: "FILE", Kind: SaveFile}, {Name: "!", Kind: Text, Optional: true}},
			Summary: "save the session as a test, transcript or page",
			Detail: "The file type decides the format: .smtp is a dialogue for smtpsh test and smtpsh run; .lua is a test file " +
				"for smtpsh test; .jsonl has the events; .txt is a transcript; .html and .svg are the diagram. Secrets become " +
				"variables or are masked. An existing file is overwritten only with \"!\".",
			Example: "EHLO me\nNOOP\n:save session.smtp\n:save session.lua\n:save session.html",
			run: func(_ context.Context, r *REPL, args []string) error {
				if len(args) > 1 && args[1] != "!" {
					return wrong("usage: :save FILE [!]", "unexpected argument %s", transcript.Escape(args[1]))
				}
				write := wholefile.Create
				if len(args) > 1 {
					write = wholefile.Replace
				}
				return r.save(expand(args[0]), write)
			},
		},
		{
			Names: []string{"log"}, Group: "record", Args: []Arg{{Name: "FILE|off", Kind: SaveFile, Optional: true}},
			Summary: "write the transcript to a file from now on",
			Detail:  "Writes JSON lines if FILE ends in .jsonl, else text, and appends to an existing file. off ends it. Secrets are masked.",
			Example: ":log session.log\nNOOP\n:log\n:log off",
			run:     func(_ context.Context, r *REPL, args []string) error { return r.logTo(args) },
		},
	}
}

// logError is the error of a log file that lacks a part of the transcript.
func logError(err error) error {
	return wrong("name a file in a writable folder with free disk space", "the log file is incomplete: %s", errText(err))
}

func (r *REPL) logTo(args []string) error {
	switch {
	case len(args) == 0 && r.recording.log == nil:
		r.screen.say("*  no log is being written")
		return nil
	case len(args) == 0:
		r.screen.say("*  writing the transcript to %s", transcript.Escape(r.recording.log.Name()))
		return nil
	case args[0] != "off":
		if err := r.recording.openLog(expand(args[0])); err != nil {
			return err
		}
		r.screen.say("*  writing the transcript to %s; :log off ends it", transcript.Escape(r.recording.log.Name()))
		return nil
	}
	open, err := r.recording.closeLog()
	switch {
	case err != nil:
		return logError(err)
	case !open:
		return wrong(":log FILE starts a log", "no log is being written")
	default:
		r.screen.say("*  the log file is closed")
	}
	return nil
}
