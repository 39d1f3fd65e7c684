package secret

import (
	"slices"
	"strings"
)

// urlPassword finds the password of smtp://user:password@host.
func urlPassword(_ Lines, line string) []Span {
	var spans []Span
	for at := 0; ; {
		i := strings.Index(line[at:], "://")
		if i < 0 {
			return spans
		}
		at += i + len("://")
		end := at
		for end < len(line) && line[end] != '/' && line[end] != '@' && !isBlank(line[end]) {
			end++
		}
		if colon := strings.IndexByte(line[at:end], ':'); colon >= 0 && end < len(line) && line[end] == '@' {
			spans = append(spans, Span{From: at + colon + 1, To: end})
		}
	}
}

// shortestBearer is the length from which a word after "Bearer" counts as a token.
const shortestBearer = 16

// bearerToken finds the token of "Bearer TOKEN" (RFC 6750 section 2.1).
func bearerToken(_ Lines, line string) []Span {
	const word = "bearer "
	var spans []Span
	for at := 0; ; {
		i := indexFold([]byte(line[at:]), []byte(word))
		if i < 0 {
			return spans
		}
		from := at + i + len(word)
		for from < len(line) && isBlank(line[from]) {
			from++
		}
		at = from
		for at < len(line) && (isBase64(line[at]) || strings.IndexByte("-._~=", line[at]) >= 0) {
			at++
		}
		if at-from >= shortestBearer {
			spans = append(spans, Span{From: from, To: at})
		}
	}
}

// givenSecret finds the value of --secret NAME=VALUE if the text contains the secret itself
// instead of a source.
func givenSecret(_ Lines, line string) []Span {
	const flag = "--secret"
	var spans []Span
	for at := 0; ; {
		i := strings.Index(line[at:], flag)
		if i < 0 {
			return spans
		}
		at += i + len(flag)
		if at == len(line) || line[at] != ' ' && line[at] != '=' {
			continue
		}
		end := at + 1
		for end < len(line) && !isBlank(line[end]) {
			end++
		}
		for j := at + 2; j+1 < end; j++ {
			if line[j] == '=' && line[j+1] != '@' {
				spans = append(spans, Span{From: j + 1, To: end})
				break
			}
		}
		at = end
	}
}

// loginWord finds typed Lua that contains a word of a login.
func loginWord(_ Lines, text string) []Span {
	if !hasWord(text, "pass", "token", "auth", "login", "secret", "pw", "base64") {
		return nil
	}
	return whole(text)
}

// IsName reports whether a variable with this name probably holds a secret.
func IsName(name string) bool { return hasWord(name, "pass", "pw", "token", "secret", "key") }

// hasWord reports whether a text contains one of the words, in any case.
func hasWord(text string, words ...string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}
