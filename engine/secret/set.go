package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"sync"
)

// MinLength is the shortest length, in bytes, of a secret or one of its forms that
// is masked: shorter ones would mask ordinary text.
const MinLength = 4

// maxForms limits the number of texts that are searched in every line; the oldest are
// dropped. A secret has seven forms, and each session adds its own.
const maxForms = 700

// Set contains the secrets that a program knows, in all forms in which a server can repeat
// them. Sessions that share a set mask each other's secrets. The zero value is empty and
// ready to use; a nil Set is always empty. Methods are safe for concurrent use.
type Set struct {
	mu    sync.RWMutex
	forms [][]byte
}

// Add adds a secret: unchanged, in Base64 at any place of a longer text, in hexadecimal and
// percent-encoded. It ignores secrets of fewer than [MinLength] bytes. The set keeps the
// newest 100 secrets.
func (k *Set) Add(secret string) {
	if k == nil || len(secret) < MinLength {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.add([]byte(secret)) {
		return
	}
	b := []byte(secret)
	k.add([]byte(base64.StdEncoding.EncodeToString(b)))
	for _, form := range []string{url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString(b)} {
		k.add([]byte(form))
	}
	// Base64 depends on the position in the longer text. The digits at both ends contain
	// bits of the text around it and are omitted.
	for before := range 3 { //mutant:secrets-are-known-in-other-forms is "3" "0"
		text := base64.StdEncoding.EncodeToString(append(make([]byte, before), b...))
		from := []int{0, 2, 3}[before]
		to := (before + len(b)) * 8 / 6
		if to-from >= 2*MinLength {
			k.add([]byte(text[from:to]))
		}
	}
}

// AddExact adds a text in no other form, such as a line of a SASL exchange. It ignores
// texts of fewer than [MinLength] bytes.
func (k *Set) AddExact(text []byte) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.add(text)
}

func (k *Set) add(form []byte) bool {
	if len(form) < MinLength {
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

// Empty reports whether the set holds no secret.
func (k *Set) Empty() bool {
	if k == nil {
		return true
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.forms) == 0
}

// Mask replaces known secrets in a text by [Mask]. It returns the text itself, and
// allocates nothing, if there are none.
func (k *Set) Mask(text string) string {
	spans := k.Spans([]byte(text))
	if len(spans) == 0 {
		return text
	}
	return string(MaskSpans([]byte(text), spans))
}

// Has reports whether a text holds a known secret.
func (k *Set) Has(text string) bool { return len(k.Spans([]byte(text))) > 0 }

// Spans finds known secrets in a text, in order. ASCII letters match in either case,
// because some servers repeat everything in capitals.
func (k *Set) Spans(text []byte) []Span {
	if k == nil {
		return nil
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	var spans []Span
	for _, form := range k.forms {
		for at := 0; ; {
			i := indexFold(text[at:], form)
			if i < 0 {
				break
			}
			spans = append(spans, Span{From: at + i, To: at + i + len(form)})
			at += i + len(form)
		}
	}
	Sort(spans)
	return spans
}

// indexFold is bytes.Index that ignores the case of ASCII letters.
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
