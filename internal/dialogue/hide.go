package dialogue

import (
	"strings"

	"smtpsh/engine"
	"smtpsh/engine/secret"
)

// shortestResponse is the minimum length, in bytes, of a login response that is masked
// elsewhere in the log.
const shortestResponse = 8

// learn remembers the responses of a login, so that hide masks them elsewhere in the log.
func (r *reader) learn(auth []Item) {
	for i, it := range auth {
		if it.Kind != "send" {
			continue
		}
		text := it.Text
		if i == 0 { // AUTH, the mechanism, the initial response
			f := strings.Fields(text)
			if len(f) < 3 {
				continue
			}
			text = f[2]
		}
		if len(text) >= shortestResponse && text != secret.Mask {
			r.responses = append(r.responses, text)
		}
	}
}

// maskLogin masks the responses of a login that is written line by line.
func (r *reader) maskLogin(auth []Item) []Item {
	r.learn(auth)
	out := make([]Item, len(auth))
	for i, it := range auth {
		switch {
		case it.Kind == "send" && i == 0:
			it.Text = engine.SecretLines().Mask(it.Text)
		case it.Kind == "send" && it.Text != "*" && it.Text != "":
			it.Text = secret.Mask
		}
		out[i] = it
	}
	return out
}

// withoutCredentials masks possible credentials in a line: after a word like AUTH, a complete
// SASL response anywhere, or a line that continues a rejected login.
func (r *reader) withoutCredentials(session int, line string) string {
	if r.hidden[session] > 0 {
		r.hidden[session]--
		if secret.SASLLike(line) {
			r.responses = append(r.responses, line)
			return secret.Mask
		}
		r.hidden[session] = 0
	}
	//mutant:credentials-of-a-log-stay-out-of-its-test is "engine.SecretLines().Mask(line)" "line"
	return engine.SecretLines().Mask(line)
}

// hide masks login responses that the server or the client repeated.
func (r *Recording) hide() {
	if len(r.responses) == 0 {
		return
	}
	var pairs []string
	for _, l := range r.responses {
		pairs = append(pairs, l, secret.Mask)
	}
	mask := strings.NewReplacer(pairs...)
	for i := range r.Items {
		it := &r.Items[i]
		it.Text = mask.Replace(it.Text)
		for j := range it.Lines {
			it.Lines[j] = mask.Replace(it.Lines[j])
		}
	}
}
