package deliver

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/message"
	"smtpsh/internal/spool"
)

// Job is a message and how it is sent.
type Job struct {
	From       string   // the reverse-path; "" is the null reverse-path
	Recipients []string // the forward-paths
	Message    *message.Finished
	// MailParams and RcptParams are sent in addition to those that the message needs.
	MailParams, RcptParams []engine.Param
	// AllOrNothing stops at the first recipient that the server rejects. Otherwise the
	// message goes to the others.
	AllOrNothing bool
	Chunking     bool   // BDAT instead of DATA
	ChunkSize    int    // bytes of a chunk; 0 for the default
	Pipeline     bool   // MAIL and RCPT together
	PRDR         bool   // a reply to the message for each recipient, if the server offers it
	StopAfter    string // MAIL, RCPT or DATA; "" for the whole transaction
	Ignore       []Rule // the rules that are left out
	// SpoolLimit limits the size of a message that was encoded again, in bytes.
	SpoolLimit int64
	// Note, if not nil, is called with a remark about the message, before it is sent.
	Note func(string)
}

// Result is what happened to a message.
type Result struct {
	*engine.SendResult
	Size      int64 // bytes of the message as sent, with CRLF at the end of each line
	Reencoded bool  // the message was encoded again for this server
}

// Send sends the message. The session must have been opened. The result is never nil. The
// error is nil if the server accepted the message for at least one recipient, or, with
// StopAfter, if that step succeeded. Errors: engine.ErrUsage for a message that this server
// cannot take, before anything is sent; and those of [engine.Session.Send]. The transaction
// may stay open after an error: send RSET before the next message.
func (j Job) Send(ctx context.Context, s *engine.Session) (*Result, error) {
	r := &Result{SendResult: &engine.SendResult{Recipients: make([]engine.RecipientResult, len(j.Recipients))}}
	for i, to := range j.Recipients {
		r.Recipients[i].Address = to
	}
	m, err := j.fit(s, r)
	if err != nil {
		return r, err
	}
	defer m.close()
	needs := m.Needs()
	r.Size = needs.Size
	params, err := j.params(s, needs)
	if err != nil {
		return r, err
	}
	policy := engine.SkipRefused
	if j.AllOrNothing {
		policy = engine.StopAtRefusal
	}
	r.SendResult, err = s.Send(ctx, engine.Envelope{From: j.From, Recipients: j.Recipients, Params: params, RcptParams: j.RcptParams},
		engine.AnyLength(m.Reader()), engine.SendOptions{
			Refused: policy, Chunking: j.Chunking, ChunkSize: j.ChunkSize, Pipeline: j.Pipeline, PRDR: j.PRDR,
			StopAfter: j.StopAfter, Unchecked: true, Exact: !j.ignores(Codes),
		})
	if err != nil || r.Stopped || j.ignores(Early) {
		return r, err
	}
	return r, s.CheckUnsolicited("message")
}

// fitted is the message in the form for a server.
type fitted struct {
	*message.Finished
	file *spool.File // nil for the message as it was
}

func (f *fitted) close() {
	if f.file != nil {
		f.file.Close()
	}
}

func (j Job) ignores(r Rule) bool { return slices.Contains(j.Ignore, r) }

// fit returns the message, encoded again if the server needs that.
func (j Job) fit(s *engine.Session, r *Result) (*fitted, error) {
	needs := j.Message.Needs()
	if needs.NUL > 0 && !j.ignores(NUL) {
		return nil, j.unfit(NUL, "line %d has a NUL byte, which no message may have (RFC 5322 section 4.1)", needs.NUL)
	}
	accepts := message.Accepts{
		UTF8: s.Has("SMTPUTF8") || j.ignores(UTF8), EightBit: s.Has("8BITMIME") || j.ignores(EightBit), AnyLength: j.ignores(LongLines),
	}
	if has(j.MailParams, "BODY", "BINARYMIME") || j.Message.Fits(accepts) {
		return &fitted{Finished: j.Message}, nil
	}
	file, err := spool.New(j.SpoolLimit)
	if err != nil {
		return nil, err
	}
	again, err := reencode(j.Message, accepts, file)
	if err != nil {
		file.Close()
		return nil, j.unfit(lacking(needs, accepts), "%w", err)
	}
	r.Reencoded = true
	if j.Note != nil {
		j.Note("the message is encoded again for this server: " + reason(needs, accepts))
		if name := j.Message.Signed(); name != "" {
			j.Note("the message has a " + name + " field: this signature is no longer valid")
		}
	}
	return &fitted{again, file}, nil
}

func reencode(m *message.Finished, to message.Accepts, file *spool.File) (*message.Finished, error) {
	if err := m.Reencode(file, to); err != nil {
		return nil, err
	}
	again, err := message.ReadFinished(file, file.Size())
	if err == nil && !again.Fits(to) {
		err = fmt.Errorf("the message cannot be encoded for this server")
	}
	return again, err
}

// lacking returns the rule because of which a message has to be encoded again.
func lacking(needs message.Needs, a message.Accepts) Rule {
	switch {
	case needs.HeaderUTF8 && !a.UTF8:
		return UTF8
	case needs.EightBit && !a.EightBit:
		return EightBit
	}
	return LongLines
}

// reason says why a message has to be encoded again.
func reason(needs message.Needs, a message.Accepts) string {
	var out []string
	if needs.HeaderUTF8 && !a.UTF8 {
		out = append(out, "it does not offer SMTPUTF8")
	}
	if needs.EightBit && !a.EightBit {
		out = append(out, "it does not offer 8BITMIME")
	}
	if needs.LongLine > 0 && !a.AnyLength {
		out = append(out, fmt.Sprintf("line %d has %d bytes, more than 998", needs.LongLine, needs.LongLength))
	}
	return strings.Join(out, "; ")
}

// params returns the parameters of MAIL.
func (j Job) params(s *engine.Session, needs message.Needs) ([]engine.Param, error) {
	params := slices.Clone(j.MailParams)
	if limit, ok := s.Capabilities().Params("SIZE"); ok && !j.ignores(Size) {
		most, err := strconv.ParseInt(limit, 10, 64)
		if err == nil && most > 0 && needs.Size > most {
			return nil, j.unfit(Size, "the message has %d bytes, and the server accepts at most %d (SIZE, RFC 1870)", needs.Size, most)
		}
		if !has(params, "SIZE", "") {
			params = append(params, engine.Param{Key: "SIZE", Value: strconv.FormatInt(needs.Size, 10)})
		}
	}
	if (needs.EightBit || needs.HeaderUTF8) && s.Has("8BITMIME") && !has(params, "BODY", "") {
		params = append(params, engine.Param{Key: "BODY", Value: "8BITMIME"})
	}
	if needs.HeaderUTF8 && s.Has("SMTPUTF8") && !has(params, "SMTPUTF8", "") {
		params = append(params, engine.Param{Key: "SMTPUTF8"})
	}
	return params, nil
}

// has reports whether there is a parameter with the key, and with the value if that is not
// "".
func has(params []engine.Param, key, value string) bool {
	return slices.ContainsFunc(params, func(p engine.Param) bool {
		return strings.EqualFold(p.Key, key) && (value == "" || strings.EqualFold(p.Value, value))
	})
}

// UnfitError is a message that this server cannot take.
type UnfitError struct {
	Rule Rule // the check that it did not pass
	Err  error
}

// Error returns the reason.
func (e *UnfitError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *UnfitError) Unwrap() error { return e.Err }

func (j Job) unfit(rule Rule, format string, args ...any) error {
	return &engine.OpError{Op: "message", Kind: engine.ErrUsage, Err: &UnfitError{rule, fmt.Errorf(format, args...)}}
}
