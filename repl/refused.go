package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
	"smtpsh/engine/verb"
	"smtpsh/internal/lazyregexp"
	"smtpsh/repl/line"
)

// A server can reject DATA or AUTH while the lines that follow are already in a pipe or
// a paste: the message, or the answers of the login. Those lines are not commands. The
// server would reject them one by one, and they would reveal the message or the password.
// A positive reply with the wrong code is treated in the same way: after 250 to DATA the
// server reads commands, not a message (RFC 5321 section 4.3.2).

// refusedCommand is a rejected command whose second part may still be in the input.
type refusedCommand struct {
	verb        string // DATA or AUTH; "" for none
	reply       *reply.Reply
	answersLeft int // lines of the login that may still come
}

// rememberRefused records that the second part of a rejected command may follow.
func (r *REPL) rememberRefused(verb string, rep *reply.Reply, left int) {
	//mutant:the-message-of-a-refused-DATA-is-not-sent never
	//mutant:a-message-follows-a-354-only is "(!rep.Positive() || rep.Misplaced())" "!rep.Positive()"
	if rep != nil && (!rep.Positive() || rep.Misplaced()) && left > 0 {
		r.in.refused = refusedCommand{verb, rep, left}
	}
}

// refusedData records that a message may follow a DATA that was not answered with 354.
// After another 3yz reply it closes the connection, because it is unclear whether the
// server reads a message or commands.
func (r *REPL) refusedData(s *engine.Session, rep *reply.Reply) {
	r.rememberRefused("DATA", rep, 1)
	if rep != nil && rep.Intermediate() && rep.Code != 354 {
		s.Close()
		r.screen.say("*  the connection was closed: after %d to DATA it is unclear whether the server waits for a message or a command", rep.Code)
	}
}

// refusal describes the reply to the command.
func (o *refusedCommand) refusal() string {
	if o.reply.Misplaced() {
		right := "354"
		if o.verb == "AUTH" {
			right = "334 or 235"
		}
		return fmt.Sprintf("the reply to %s was %d instead of %s", o.verb, o.reply.Code, right)
	}
	return fmt.Sprintf("%s was rejected (%d)", o.verb, o.reply.Code)
}

// skipRefusedHalf skips a line that belongs to a rejected command, and reports whether it
// did.
func (r *REPL) skipRefusedHalf(ctx context.Context, text string) (bool, error) {
	o := r.in.refused
	trimmed := strings.TrimSpace(text)
	if o.verb == "" || trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return false, nil
	}
	r.in.refused = refusedCommand{}
	if r.isCommand(trimmed) {
		return false, nil
	}
	if o.verb == "AUTH" {
		if !secret.IsBase64(trimmed) {
			return false, nil
		}
		r.in.KeepOut()
		r.screen.say("*  %s: this line looks like a part of the login and is not sent", o.refusal())
		o.answersLeft--
		if o.answersLeft > 0 {
			r.in.refused = o
		}
		return true, nil
	}
	if r.in.Terminal() && trimmed != "." && !headerLine().MatchString(text) {
		return false, nil
	}
	r.in.KeepOut()
	return true, r.skipMessage(ctx, text, o.refusal())
}

// skipMessage reads the lines of a message up to the dot and sends none of them.
func (r *REPL) skipMessage(ctx context.Context, first, refusal string) error {
	if r.in.Terminal() {
		r.screen.say("*  %s; this line looks like a part of a message. Nothing is sent until a line with a single dot; ^C returns "+
			"to the prompt", refusal)
	}
	body := []byte(first + "\n")
	var err error
	if first == "." {
		body = nil
	} else {
		var more []byte
		more, err = r.collect(ctx, "not sent> ", maxTyped, nil)
		body = append(body, more...)
	}
	if errors.Is(err, line.ErrInterrupt) {
		err = nil
	}
	end := "up to the dot"
	if err == io.EOF {
		end, err = "up to the end of the input", nil
	}
	if err == nil && len(body) == 0 {
		r.screen.say("*  %s: no message was sent", refusal)
	} else if err == nil {
		r.screen.say("*  %s: %s %s %s not sent, neither as a message nor as commands", refusal, lineCount(strings.Count(string(body), "\n")),
			end, isAre(body))
		r.keep(body)
	}
	return err
}

func lineCount(n int) string { return count(n, "line", "lines") }

func isAre(body []byte) string {
	if strings.Count(string(body), "\n") == 1 {
		return "is"
	}
	return "are"
}

// isCommand reports whether a line is a command of SMTP or of the prompt.
func (r *REPL) isCommand(text string) bool {
	if strings.HasPrefix(text, "=") {
		return true
	}
	word, _, _ := strings.Cut(text, " ")
	if ours, ok := strings.CutPrefix(word, ":"); ok {
		c, _ := find(strings.ToLower(ours))
		return c != nil
	}
	_, known := verb.Lookup(strings.ToUpper(word))
	return known
}

// answersTo returns the number of lines that can follow an AUTH command as answers.
func answersTo(arg string) int {
	f := strings.Fields(arg)
	if len(f) == 0 {
		return 0
	}
	n := 1
	if m, ok := saslmech.LookupInfo(strings.ToUpper(f[0])); ok && m.Name == "LOGIN" {
		n = 2
	}
	return n - min(n, len(f)-1) // an initial response replaces one line
}

var headerLine = lazyregexp.New(`^[A-Za-z][A-Za-z0-9-]*:( |$)`)
