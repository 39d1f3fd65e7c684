package engine

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"sync"

	"smtpsh/engine/event"
)

// shortest is how long a secret, or one of its forms, must be in octets to be looked
// for: shorter ones would mask ordinary text.
const shortest = 4

// maxForms bounds what is looked for in every line; the oldest are forgotten. A
// secret has seven forms, and each session looks for its own besides.
const maxForms = 700

// Secrets are the credentials that a program has come to know, in all forms in which
// a server may repeat them. Sessions that share one mask each other's. The zero value
// is empty and ready; methods may be called from any goroutine.
type Secrets struct {
	mu    sync.RWMutex
	forms [][]byte
}

// Learn remembers a secret as it is, in Base64 at any place of a longer text, in
// hexadecimal and percent-encoded. Shorter ones than 4 octets are not remembered, and
// of many different ones the newest hundred.
func (k *Secrets) Learn(secret string) {
	if k == nil || len(secret) < shortest {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.learn([]byte(secret)) {
		return
	}
	b := []byte(secret)
	k.learn([]byte(base64.StdEncoding.EncodeToString(b)))
	for _, form := range []string{url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString(b)} {
		k.learn([]byte(form))
	}
	// in Base64 of a longer text it looks otherwise by where it stands; the digits at
	// the edges have bits of the neighbours
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString(append(make([]byte, before), b...))
		from := []int{0, 2, 3}[before]
		to := (before + len(b)) * 8 / 6
		if to-from >= 2*shortest {
			k.learn([]byte(text[from:to]))
		}
	}
}

func (k *Secrets) learn(form []byte) bool {
	if len(form) < shortest {
		return false
	}
	if len(k.forms) >= maxForms {
		k.forms = slices.Delete(k.forms, 0, len(k.forms)-maxForms+1)
	}
	for _, known := range k.forms {
		if bytes.Equal(known, form) {
			return false
		}
	}
	k.forms = append(k.forms, bytes.Clone(form))
	return true
}

// empty reports whether nothing is known.
func (k *Secrets) empty() bool {
	if k == nil {
		return true
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.forms) == 0
}

// Mask replaces known secrets in a text by [event.Mask].
func (k *Secrets) Mask(text string) string {
	if k.empty() {
		return text
	}
	spans := k.spans([]byte(text))
	if len(spans) == 0 {
		return text
	}
	return string(event.MaskSpans([]byte(text), spans))
}

// spans finds known secrets in a text, in order; capitals do not matter, for servers
// that turn everything into capitals.
func (k *Secrets) spans(text []byte) []event.Span {
	if k == nil {
		return nil
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	var spans []event.Span
	for _, form := range k.forms {
		for at := 0; ; {
			i := indexFold(text[at:], form)
			if i < 0 {
				break
			}
			spans = append(spans, event.Span{From: at + i, To: at + i + len(form)})
			at += i + len(form)
		}
	}
	sortSpans(spans)
	return spans
}

// indexFold is bytes.Index that takes capitals of ASCII for small letters.
func indexFold(text, form []byte) int {
	first, other := lower(form[0]), upper(form[0])
	for i := 0; i+len(form) <= len(text); i++ {
		if (text[i] == first || text[i] == other) && equalFold(text[i:i+len(form)], form) {
			return i
		}
	}
	return -1
}

func equalFold(a, b []byte) bool {
	for i := range a {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// learn remembers a secret for this session and those that share its Secrets.
func (s *Session) learn(secret string) {
	s.own.Learn(secret)
	s.opts.Secrets.Learn(secret)
}

// learnLine remembers a line of a SASL exchange. It is of no use in another session,
// where its parts are known.
func (s *Session) learnLine(line []byte) {
	s.own.mu.Lock()
	defer s.own.mu.Unlock()
	s.own.learn(line)
}

// learnResponse remembers a line of a login typed by hand, and the credentials in it:
// behind the names of PLAIN, behind the word Bearer, or all of it when it is a
// password for sure.
func (s *Session) learnResponse(line []byte, password bool) {
	s.learnLine(line)
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(line)))
	if err != nil {
		return
	}
	text := string(b)
	switch parts := strings.Split(text, "\x00"); {
	case len(parts) == 3:
		s.learn(parts[2])
	case strings.Contains(text, "auth=Bearer "):
		_, token, _ := strings.Cut(text, "auth=Bearer ")
		token, _, _ = strings.Cut(token, "\x01")
		s.learn(token)
	case password:
		s.learn(text)
	}
}

// HasCredentials reports whether a typed line has credentials in it that can be told
// by their form: the Base64 of a response of PLAIN, XOAUTH2 or OAUTHBEARER, wherever
// it stands.
func HasCredentials(line string) bool { return len(credentialTokens(line)) > 0 }

// MaskCredentials masks in a line of a client what may be credentials, as sessions do in
// their events: what follows the mechanism behind a word like AUTH, and the Base64 of a
// whole login anywhere.
func MaskCredentials(line string) string {
	verb, arg, _ := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	if LooksLikeAuth(verb) {
		mechanism, _, _ := strings.Cut(strings.TrimLeft(arg, " "), " ")
		if from := credentialsAt(line, mechanism); from < len(line) && line[from:] != "=" {
			return string(event.MaskSpans([]byte(line), []event.Span{{From: from, To: len(line)}}))
		}
	}
	return string(event.MaskSpans([]byte(line), credentialTokens(line)))
}

// SASLLike reports whether a line can be a response of a SASL exchange: one word that is
// no command.
func SASLLike(line string) bool { return line != "*" && line != "" && saslLike(line) }

// credentialTokens finds words that are a whole login.
func credentialTokens(line string) []event.Span {
	var spans []event.Span
	for at := 0; at < len(line); {
		to := at
		for to < len(line) && isBase64(line[to]) {
			to++
		}
		word := to
		for to < len(line) && line[to] == '=' && to-word < 2 {
			to++
		}
		if word-at >= shortestLogin && (to-at)%4 == 0 && holdsLogin(line[at:to]) {
			spans = append(spans, event.Span{From: at, To: to})
		}
		at = max(to, at+1)
	}
	return spans
}

// shortestLogin is NUL, a, NUL, b in Base64, without its padding.
const shortestLogin = 6

func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

func holdsLogin(word string) bool {
	b, err := base64.StdEncoding.DecodeString(word)
	if err != nil {
		return false
	}
	parts := bytes.Split(b, []byte{0})
	return len(parts) == 3 && len(parts[1]) > 0 && len(parts[2]) > 0 || bytes.Contains(b, []byte("auth=Bearer "))
}

// Conceal makes the session mask a text wherever it shows up from now on: in
// events, masked commands and errors, whether we or the server say it.
func (s *Session) Conceal(secret string) { s.learn(secret) }

// withKnown adds the known secrets in a line to spans that were found otherwise.
func (s *Session) withKnown(line []byte, spans []event.Span) []event.Span {
	if s.own.empty() && s.opts.Secrets.empty() {
		return spans
	}
	all := append(s.secretsIn(line), spans...)
	sortSpans(all)
	return all
}

// secretsIn finds known secrets in a line, in order.
func (s *Session) secretsIn(line []byte) []event.Span {
	spans := append(s.own.spans(line), s.opts.Secrets.spans(line)...)
	sortSpans(spans)
	return spans
}

// concealed masks secrets in a text that goes into an error or an event.
func (s *Session) concealed(text string) string { return s.opts.Secrets.Mask(s.own.Mask(text)) }

func sortSpans(spans []event.Span) {
	for i := 1; i < len(spans); i++ {
		for j := i; j > 0 && spans[j].From < spans[j-1].From; j-- {
			spans[j], spans[j-1] = spans[j-1], spans[j]
		}
	}
}
