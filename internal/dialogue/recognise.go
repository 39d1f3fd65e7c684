package dialogue

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
)

// Extension is the extension of dialogue files, in upper or lower case.
const Extension = ".smtp"

// HasExtension reports whether a file name has the extension of dialogues.
func HasExtension(name string) bool { return strings.EqualFold(path.Ext(name), Extension) }

// BaseName returns the name of a dialogue file without folder and extension.
func BaseName(name string) string {
	base := filepath.Base(name)
	if ext := path.Ext(base); HasExtension(base) || strings.EqualFold(ext, ".txt") {
		base = strings.TrimSuffix(base, ext)
	}
	return base
}

// Recognise reports whether a file is a dialogue and not Lua. If the extension is neither
// .smtp nor .lua, the first line that is not empty or a comment decides: a dialogue begins
// with C: or S:, a line of swaks, or a word such as :open.
func Recognise(name string, src []byte) bool {
	switch ext := path.Ext(name); {
	case HasExtension(name):
		return true
	case strings.EqualFold(ext, ".lua"):
		return false
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	for l := range bytes.Lines(src) {
		raw := strings.TrimRight(string(l), " \t\r\n")
		trimmed := strings.TrimSpace(raw)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#") || remark().MatchString(trimmed) ||
			strings.HasPrefix(trimmed, "===") || strings.HasPrefix(trimmed, "***"): // remarks of swaks
			continue
		case strings.HasPrefix(trimmed, ":"):
			word, _, _ := strings.Cut(trimmed[1:], " ")
			for _, w := range words {
				if w.name == word {
					return true
				}
			}
			return false
		}
		return ours().MatchString(timing().ReplaceAllString(raw, "")) || ours().MatchString(trimmed) || arrow().MatchString(raw)
	}
	return false
}
