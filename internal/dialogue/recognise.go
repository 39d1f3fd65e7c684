package dialogue

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
)

// Extension is how the names of dialogue files end, in letters of any case.
const Extension = ".smtp"

// HasExtension reports that a file is a dialogue by its name.
func HasExtension(name string) bool { return strings.EqualFold(path.Ext(name), Extension) }

// BaseName is the name of a dialogue's file without its folder and extension.
func BaseName(name string) string {
	base := filepath.Base(name)
	if ext := path.Ext(base); HasExtension(base) || strings.EqualFold(ext, ".txt") {
		base = strings.TrimSuffix(base, ext)
	}
	return base
}

// Recognise reports that a file is a dialogue and not Lua: by its name, or, where the
// name does not decide, by its first line that is neither empty nor a remark. Only a
// line of C: or S:, a line of swaks or a word of smtpsh makes a dialogue of it.
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
			strings.HasPrefix(trimmed, "===") || strings.HasPrefix(trimmed, "***"): // as swaks remarks
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
