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

// A command with a second half may be refused while the second half is on its way: the
// message of a DATA in a pipe, the answers of an AUTH in a paste. Those lines are no
// commands. Sent as such they would be refused one by one, and give away what they are.
// A reply that consents with the wrong code is a refusal too: after 250 to DATA the server
// reads commands, not a message (RFC 5321 section 4.3.2).

// refusedCommand is a command whose second half may still come.
type refusedCommand struct {
	verb        string // DATA or AUTH; "" for none
	reply       *reply.Reply
	answersLeft int // answers of AUTH that may still come
}

// rememberRefused remembers that the second half of a command may follow.
func (r *REPL) rememberRefused(verb string, rep *reply.Reply, left int) {
	//mutant:the-message-of-a-refused-DATA-is-not-sent never
	//mutant:a-message-follows-a-354-only is "(!rep.Positive() || rep.Misplaced())" "!rep.Positive()"
	if rep != nil && (!rep.Positive() || rep.Misplaced()) && left > 0 {
		r.in.refused = refusedCommand{verb, rep, left}
	}
}

// refusedData remembers that the message of a DATA may follow that was not answered with
// 354. After another 3yz reply nobody knows whether the server reads a message or
// commands, so that nothing more can be said on the connection.
func (r *REPL) refusedData(s *engine.Session, rep *reply.Reply) {
	r.rememberRefused("DATA", rep, 1)
	if rep != nil && rep.Intermediate() && rep.Code != 354 {
		s.Close()
		r.screen.say("*  the connection was closed: after %d to DATA it is unclear whether the server waits for a message or a command", rep.Code)
	}
}

// refusal says how the command was answered.
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

// skipRefusedHalf deals with a line that belongs to a refused command, and reports whether it
// was one.
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

// skipMessage takes the lines of a message that nobody will get, up to the dot.
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
	if err == nil {
		r.screen.say("*  %s: no message was sent, and %s %s %s not run as commands", refusal, lineCount(strings.Count(string(body), "\n")),
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

// isCommand tells a command, of SMTP or of smtpsh, from a line of a message.
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

// answersTo is how many lines may answer the challenges of an AUTH command.
func answersTo(arg string) int {
	f := strings.Fields(arg)
	if len(f) == 0 {
		return 0
	}
	n := 1
	if m, ok := saslmech.LookupInfo(strings.ToUpper(f[0])); ok && m.Name == "LOGIN" {
		n = 2
	}
	return n - min(n, len(f)-1) // an initial response is one of them
}

var headerLine = lazyregexp.New(`^[A-Za-z][A-Za-z0-9-]*:( |$)`)
