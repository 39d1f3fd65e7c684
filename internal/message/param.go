package message

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// paramMost is the maximum length of a parameter with its name, in bytes. Then it fits on
// one line with the space before it and the semicolon after it.
const paramMost = lineWanted - 2

// params returns the tokens of parameters, separated by semicolons and sorted by name.
func params(of map[string]string) []token {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []string
	for _, name := range names {
		all = append(all, param(name, of[name])...)
	}
	out := make([]token, len(all))
	for i, p := range all {
		if i < len(all)-1 {
			p += ";"
		}
		out[i] = token{" ", p}
	}
	return out
}

// withParams returns the tokens of a value with parameters.
func withParams(value string, of map[string]string) []token {
	rest := params(of)
	if len(rest) > 0 {
		value += ";"
	}
	return append([]token{{" ", value}}, rest...)
}

// param returns a parameter. A value that is not ASCII or does not fit on a line is written
// as in RFC 2231: name*, and name*0, name*1 for pieces. A short ASCII parameter is added
// for readers that do not know RFC 2231.
func param(name, value string) []string {
	if printable(value) && !strings.ContainsAny(value, "\t") && !strings.Contains(value, "=?") {
		if isToken(value) && len(name)+1+len(value) <= paramMost {
			return []string{name + "=" + value}
		}
		if q := name + "=" + quotedString(value); len(q) <= paramMost {
			return []string{q}
		}
		out := []string{name + "=" + quotedString(plainName(value))}
		return append(out, pieces(value, func(i int, s string) string { return fmt.Sprintf("%s*%d=%s", name, i, quotedString(s)) })...)
	}
	out := []string{name + "=" + quotedString(plainName(value))}
	if whole := name + "*=utf-8''" + percent(value); len(whole) <= paramMost {
		return append(out, whole)
	}
	return append(out, pieces(value, func(i int, s string) string {
		charset := ""
		if i == 0 {
			charset = "utf-8''"
		}
		return fmt.Sprintf("%s*%d*=%s%s", name, i, charset, percent(s))
	})...)
}

// pieces splits a value between characters, so that each piece fits on a line.
func pieces(value string, write func(i int, s string) string) []string {
	var out []string
	for value != "" {
		n, last := 0, ""
		for n < len(value) {
			_, w := utf8.DecodeRuneInString(value[n:])
			p := write(len(out), value[:n+w])
			if len(p) > paramMost && n > 0 {
				break
			}
			n, last = n+w, p
		}
		out, value = append(out, last), value[n:]
	}
	return out
}

// plainName returns a value for readers without RFC 2231: non-ASCII characters become "_",
// and a long name is cut before its extension.
func plainName(value string) string {
	var b strings.Builder
	for _, r := range value {
		switch {
		case r < 0x20, r > 0x7e:
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
	}
	s := strings.ReplaceAll(b.String(), "=?", "__")
	const most = 50
	if len(s) <= most {
		return s
	}
	ext := ""
	if i := strings.LastIndexByte(s, '.'); i >= 0 && len(s)-i <= 10 {
		ext = s[i:]
	}
	return s[:most-len(ext)] + ext
}

func quotedString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// isToken reports whether s is a token (RFC 2045 section 5.1).
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > 0x7e || strings.IndexByte(`()<>@,;:\"/[]?=`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// percent encodes the bytes of an extended value (RFC 2231 section 7, attribute-char).
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if isAlnum(c) || strings.IndexByte("!#$&+-.^_`{|}~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
