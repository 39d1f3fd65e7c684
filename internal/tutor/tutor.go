package tutor

import (
	"bytes"
	"strings"
	"sync"

	"smtpsh/engine/event"
	"smtpsh/engine/reply"
	"smtpsh/engine/verb"
	"smtpsh/internal/explain"
	"smtpsh/transcript"
)

// Tutor explains events and remembers what it has explained. It is safe for concurrent use.
type Tutor struct {
	mu        *sync.Mutex
	explained map[string]bool
	waiting   []string // verbs that were sent and have no reply yet
	greeted   bool
	about     explain.Context // state of the session for explanations
	secure    bool            // TLS is active
	loggedIn  bool            // a 235 was seen
	hello     int             // lines of the reply to EHLO so far
	login     exchange
}

// New returns a tutor that has explained nothing yet.
func New() *Tutor { return &Tutor{mu: new(sync.Mutex), explained: map[string]bool{}} }

// Another returns a tutor for another session. Both share what they have explained.
func (t *Tutor) Another() *Tutor { return &Tutor{mu: t.mu, explained: t.explained} }

// once reports whether a fact is new, and marks it as explained.
func (t *Tutor) once(fact string) bool {
	if t.explained[fact] {
		return false
	}
	t.explained[fact] = true
	return true
}

// Note explains what is new about an event, or returns "". Line ends separate paragraphs.
func (t *Tutor) Note(e *event.Event) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e.Kind {
	case event.Connected:
		t.secure, t.loggedIn, t.about.Session = false, false, nil
		return t.fact("connected", "A TCP connection is open. In SMTP the server sends the first line.")
	case event.LineSent:
		return t.sent(e)
	case event.ChunkSent:
		return t.content(e)
	case event.LineReceived:
		return t.received(e)
	case event.ReplyDone:
		return t.replied(e)
	case event.TLSDone:
		if e.TLS != nil && e.TLS.HandshakeComplete {
			begun := t.about.Session != nil
			t.secure, t.about.Session = true, nil // until the next EHLO
			if !begun {
				return t.fact("tls", "From here on every byte is encrypted. The session begins with EHLO.")
			}
			return t.fact("tls",
				"From here on every byte is encrypted. The server forgets everything before, so the session begins again with EHLO.")
		}
	case event.Finding:
		return t.fact("finding", "A finding is a violation of the standard that did not stop the session.")
	}
	return ""
}

func (t *Tutor) fact(key, text string) string {
	if !t.once(key) {
		return ""
	}
	return text
}

// sent explains a line that the client sends.
func (t *Tutor) sent(e *event.Event) string {
	line := strings.TrimRight(string(e.Data), "\r\n")
	if e.Content {
		return t.content(e)
	}
	word, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	name := strings.ToUpper(word)
	if t.login.under && e.Verb == "AUTH" {
		return transcript.Escape(t.login.response(line))
	}
	t.waiting = append(t.waiting, name)
	t.hello = 0
	var notes []string
	if text := explain.Command(line); text != "" && t.once("verb "+name+mechanism(name, arg)) {
		notes = append(notes, text)
	}
	switch name {
	case "AUTH":
		if text := t.login.begin(arg); text != "" {
			notes = append(notes, transcript.Escape(text))
		}
	case "MAIL", "RCPT":
		notes = append(notes, t.params(name, arg)...)
	}
	return strings.Join(notes, "\n")
}

// mechanism returns a suffix that makes AUTH a separate fact for each mechanism.
func mechanism(name, arg string) string {
	if name != "AUTH" {
		return ""
	}
	m, _, _ := strings.Cut(arg, " ")
	return " " + strings.ToUpper(m)
}

// params explains the parameters after the address.
func (t *Tutor) params(name, arg string) []string {
	_, rest, ok := strings.Cut(arg, ">")
	if !ok {
		return nil
	}
	var notes []string
	for word := range strings.FieldsSeq(rest) {
		key, _, _ := strings.Cut(word, "=")
		for _, p := range verb.LookupParam(key) {
			if p.Verb == name && t.once("param "+p.Name) {
				notes = append(notes, p.Name+": "+p.Summary+".")
			}
		}
	}
	return notes
}

// content explains the first dot-stuffed line of a message.
func (t *Tutor) content(e *event.Event) string {
	if !e.Content {
		return ""
	}
	switch {
	case bytes.HasPrefix(e.Data, []byte("..")) || bytes.Contains(e.Data, []byte("\n..")):
		return t.fact("stuffed",
			"The client adds a dot to a line of the message that begins with a dot; the server removes it again. "+
				"So such a line cannot end the message too early.")
	}
	return ""
}

// received explains a line from the server.
func (t *Tutor) received(e *event.Event) string {
	line := strings.TrimRight(string(e.Data), "\r\n")
	if len(line) < 3 {
		return ""
	}
	code, text := line[:3], strings.TrimLeft(line[3:], "- ")
	if t.current() == "EHLO" || t.current() == "LHLO" {
		if t.hello++; t.hello > 1 && code == "250" {
			keyword, _, _ := strings.Cut(text, " ")
			keyword = strings.ToUpper(keyword)
			if about := explain.Capability(keyword); about != "" && t.once("cap "+keyword) {
				return about
			}
			return ""
		}
	}
	var notes []string
	if len(line) > 3 && line[3] == '-' && t.once("continued") {
		notes = append(notes, "A hyphen after the code means that more lines follow; the last line has a space there.")
	}
	if code == "334" {
		if said := t.login.challenge(text); said != "" {
			notes = append(notes, transcript.Escape(said))
		}
	}
	if code[0] == '4' || code[0] == '5' {
		return strings.Join(notes, "\n") // replied explains it when the reply is complete
	}
	if about := explain.Code(number(code)); about != "" && t.once("code "+code) {
		notes = append(notes, about)
	}
	enhanced, _ := reply.TrimEnhanced(text)
	if e := enhanced.String(); enhanced.Detail != 0 {
		if about := explain.EnhancedCode(e, t.current()); about != "" && t.once("enhanced "+e) {
			notes = append(notes, about)
		}
	}
	return strings.Join(notes, "\n")
}

// observe updates the state of the session (TLS, AUTH, login) from a reply.
func (t *Tutor) observe(name string, r *reply.Reply) {
	switch {
	case r.Completed() && (name == "EHLO" || name == "LHLO"):
		s := &explain.Session{TLS: t.secure, LoggedIn: t.loggedIn}
		for _, l := range r.Lines() {
			keyword, _, _ := strings.Cut(l, " ")
			keyword, _, _ = strings.Cut(strings.ToUpper(keyword), "=")
			s.OffersTLS = s.OffersTLS || keyword == "STARTTLS"
			s.OffersAuth = s.OffersAuth || keyword == "AUTH"
		}
		t.about.Session = s
	case r.Completed() && name == "HELO":
		t.about.Session = nil
	case r.Code == 235:
		t.loggedIn = true
		if t.about.Session != nil {
			t.about.Session.LoggedIn = true
		}
	}
}

func number(code string) int {
	n := 0
	for _, c := range []byte(code) {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// current returns the verb of the next reply.
func (t *Tutor) current() string {
	if len(t.waiting) == 0 {
		return ""
	}
	return t.waiting[0]
}

// replied explains the first rejection of each kind, and an accepted message.
func (t *Tutor) replied(e *event.Event) string {
	name := t.current()
	if !t.greeted {
		t.greeted, t.about.From = true, explain.ProviderOf(e.Reply)
	}
	if len(t.waiting) > 0 && !(e.Reply.Code == 334 && t.login.under) {
		t.waiting = t.waiting[1:]
	}
	mech := t.login.mech
	if e.Reply.Code != 334 {
		t.login = exchange{}
	}
	r := e.Reply
	t.observe(name, r)
	if name == "." && r.Completed() {
		return t.fact("accepted",
			"The server has accepted the message: it must deliver it, or report to the reverse-path. Until now the client was responsible.")
	}
	if r.Positive() || r.Code == 0 {
		return ""
	}
	if !t.once("refusal " + name + " " + r.Enhanced.String() + string(rune(r.Code))) {
		return ""
	}
	return explain.Refusal(r, name+" "+mech, t.about)
}
