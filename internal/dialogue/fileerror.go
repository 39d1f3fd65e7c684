package dialogue

import (
	"errors"
	"fmt"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/internal/advice"
	"smtpsh/internal/exit"
	"smtpsh/internal/exitstatus"
	"smtpsh/transcript"
)

// FileError reports a dialogue file that could not be read or that failed, in the form that
// is shown to users.
type FileError struct {
	File    string
	Line    int    // 0 if unknown
	Message string // on one line, without the place
	Want    string // of an S: line that did not match; "" otherwise
	Got     string
	Kind    string       // of the failure, as engine.KindOf names it
	Reply   *reply.Reply // the unexpected reply; nil for none
	Unmet   bool         // an S: line did not match
	Setup   bool         // the step belongs to :setup
	Missing bool         // a variable has no value
	Err     error
	source  string // the line
	hint    string
}

// Error returns place and message.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// SourceLine returns the line of the file; "" if unknown.
func (e *FileError) SourceLine() string { return e.source }

// Hint returns what the user can do.
func (e *FileError) Hint() string { return e.hint }

// ExitStatus returns the status for a syntax error, an S: line that did not match, a
// rejected command, or a failed connection.
func (e *FileError) ExitStatus() int {
	switch {
	case e.Missing:
		return exit.Usage
	case e.Unmet && !e.Setup:
		return exit.Failed
	case e.Reply != nil && !e.Reply.Positive() && (e.Setup || e.Kind == "reply"):
		return exitstatus.OfReply(e.Reply)
	case e.Setup:
		return exit.Failed
	case e.Kind == "usage" && e.Err == nil:
		return exit.Script
	}
	otherwise, ok := exit.OfKind(e.Kind)
	if !ok {
		otherwise = exit.Script
	}
	return exit.Stated(e.Err, otherwise)
}

// fileError converts the error of a dialogue to a [*FileError]; nil to nil.
func fileError(file string, err error, sources map[string]string) error {
	if err == nil {
		return nil
	}
	var (
		parse *ParseError
		mis   *Mismatch
		play  *PlayError
	)
	switch {
	case errors.As(err, &parse):
		return &FileError{File: parse.File, Line: parse.Line, Message: parse.Message, Kind: "usage", source: parse.Source, hint: parse.Hint}
	case errors.As(err, &mis):
		e := &FileError{
			File: mis.File, Line: mis.Line, Want: transcript.Escape(mis.Want), Got: transcript.Escape(mis.Got),
			Kind: "reply", Reply: mis.Reply, Unmet: true, Setup: mis.Setup, hint: mis.Hint, source: lineOf(sources[mis.File], mis.Line),
		}
		e.Message = "want " + e.Want + ", got " + e.Got
		return e
	case errors.As(err, &play):
		e := &FileError{
			File: play.File, Line: play.Line, Message: play.Err.Error(), Kind: "usage", Missing: play.Missing != "", Setup: play.Setup,
			hint: play.Hint, source: lineOf(sources[play.File], play.Line),
		}
		if play.Usage {
			return e
		}
		e.Err = play.Err
		if kind := engine.KindOf(play.Err); kind != "" {
			e.Kind = kind
		}
		if op := new(engine.OpError); errors.As(play.Err, &op) {
			e.Reply = op.Reply
		}
		if e.hint == "" {
			e.hint = advice.Hint(play.Err, advice.Dialogue)
		}
		return e
	}
	return &FileError{File: file, Message: strings.TrimSpace(err.Error()), Err: err}
}

// lineOf returns line n of a text, counted from 1.
func lineOf(text string, n int) string {
	for l := range strings.Lines(text) {
		if n--; n == 0 {
			return strings.TrimRight(l, "\r\n")
		}
	}
	return ""
}
