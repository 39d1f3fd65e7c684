package luabind

import lua "github.com/yuin/gopher-lua"

// Secret is a text that is never shown: it prints as a mask.
type Secret struct{ text string }

// NewSecret wraps a text.
func NewSecret(text string) *Secret { return &Secret{text} }

// Text returns the text. Use it only for what is sent to a server, never for what is shown.
func (s *Secret) Text() string { return s.text }

// SecretText returns the text of a string, a number or a [Secret].
func SecretText(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return v.String(), true
	}
	s, ok := ValueOf[*Secret](v)
	if !ok {
		return "", false
	}
	return s.text, true
}
