package transcript

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/tlsinfo"
)

// Record is one line of a JSON transcript. It omits fields that an event does not have.
// Data holds the bytes as text if they are UTF-8, otherwise in Base64.
type Record struct {
	At       float64  `json:"at" doc:"seconds since the first event"`
	Time     string   `json:"time,omitempty" doc:"time of day, on the first line only"`
	Session  string   `json:"session,omitempty" doc:"name of the session, when there are several"`
	Event    string   `json:"event" doc:"what happened; see below"`
	Data     *string  `json:"data,omitempty" doc:"bytes that were sent or received, as text where they are UTF-8"`
	Base64   string   `json:"base64,omitempty" doc:"bytes that are not UTF-8"`
	Masked   bool     `json:"masked,omitempty" doc:"a secret in the data is shown as ********"`
	Content  bool     `json:"content,omitempty" doc:"the data is part of a message"`
	Verb     string   `json:"verb,omitempty" doc:"command that it belongs to"`
	Rcpt     string   `json:"rcpt,omitempty" doc:"recipient whose reply it is (LMTP)"`
	Code     int      `json:"code,omitempty" doc:"reply code"`
	Enhanced string   `json:"enhanced,omitempty" doc:"enhanced status code"`
	Text     string   `json:"text,omitempty" doc:"a note, a finding, or the local address of a connection"`
	Defects  []string `json:"defects,omitempty" doc:"defects of the reply"`
	Took     float64  `json:"took,omitempty" doc:"how long a reply, a connection or a TLS handshake took, in seconds"`
	Addr     string   `json:"addr,omitempty" doc:"address and port of the server"`
	Target   string   `json:"target,omitempty" doc:"target as it was given"`
	From     string   `json:"from,omitempty" doc:"state of the session before"`
	To       string   `json:"to,omitempty" doc:"state of the session after"`
	Sent     int64    `json:"sent,omitempty" doc:"bytes of a message that were sent"`
	TLS      string   `json:"tls,omitempty" doc:"TLS version, cipher and certificate"`
	Error    string   `json:"error,omitempty" doc:"error text"`
}

// JSON writes one object for each event. It is safe for several sessions.
type JSON struct {
	mu      sync.Mutex
	enc     *json.Encoder
	start   time.Time
	secrets Masking
	err     error
}

// NewJSON returns a sink that writes to w.
func NewJSON(w io.Writer, secrets Masking) *JSON {
	enc := json.NewEncoder(JSONWriter(w))
	enc.SetEscapeHTML(false)
	return &JSON{enc: enc, secrets: secrets}
}

// Err returns the first error of writing.
func (j *JSON) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Observe writes the object for one event.
func (j *JSON) Observe(e *event.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := j.start.IsZero()
	if first {
		j.start = e.Time
	}
	r := NewRecord(e, j.secrets)
	r.At = e.Time.Sub(j.start).Seconds()
	if first {
		r.Time = e.Time.UTC().Format(time.RFC3339Nano)
	}
	if j.err == nil {
		j.err = j.enc.Encode(r)
	}
}

// Masking sets whether a record shows secrets.
type Masking bool

const (
	ShowSecrets Masking = true  // the secrets themselves
	MaskSecrets Masking = false // ********
)

// NewRecord returns the JSON form of an event, without the time.
func NewRecord(e *event.Event, secrets Masking) Record {
	r := Record{
		Session: e.Session, Event: e.Kind.String(), Content: e.Content, Verb: e.Verb, Addr: e.Addr, Target: e.Target,
		From: e.From, To: e.To, Text: e.Text, Took: e.Took.Seconds(), Sent: e.Sent,
	}
	if e.Kind.Wire() {
		data := e.Data
		if secrets == MaskSecrets {
			data = e.Masked()
			r.Masked = len(e.Secrets) > 0
		}
		if utf8.Valid(data) {
			s := string(data)
			r.Data = &s
		} else {
			r.Base64 = base64.StdEncoding.EncodeToString(data)
		}
	}
	if e.Kind == event.ReplyDone {
		fillReply(&r, e.Reply)
	}
	if e.TLS != nil && e.TLS.HandshakeComplete {
		r.TLS = tlsinfo.Describe(e.TLS, e.Err).Summary()
	}
	if e.Err != nil {
		r.Error = e.Err.Error()
	}
	return r
}

// fillReply omits the text: the received lines contain it, with secrets masked.
func fillReply(r *Record, rep *reply.Reply) {
	r.Code, r.Enhanced, r.Rcpt = rep.Code, rep.Enhanced.String(), rep.Recipient
	for _, d := range rep.Defects {
		r.Defects = append(r.Defects, d.Kind.String())
	}
}
