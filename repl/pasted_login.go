package repl

import (
	"strings"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
	"smtpsh/internal/lazyregexp"
)

// A user can paste the lines of a recorded login as answers to the prompt's questions.
// Those lines are Base64 already and must not be encoded again. These functions
// distinguish them from names and passwords that only look like Base64.

// tokenResponse matches the initial response of XOAUTH2 and OAUTHBEARER (RFC 7628).
var tokenResponse = lazyregexp.New(`^(?:user=([^\x01]*)|n,(?:a=([^,\x01]*))?,)\x01(?:[^\x01]*\x01)*?auth=Bearer ([^\x01]+)\x01`)

// wholeResponse parses a complete initial response that was pasted as the user name, and
// reports whether text is one.
func wholeResponse(mech, text string, c *saslmech.Credentials) bool {
	switch mech {
	case "PLAIN":
		p := strings.Split(text, "\x00")
		if len(p) != 3 || p[1] == "" || strings.ContainsRune(text, 1) {
			return false
		}
		c.Authzid, c.Username, c.Password = p[0], p[1], p[2]
		return true
	case "XOAUTH2", "OAUTHBEARER":
		m := tokenResponse().FindStringSubmatch(text)
		if m == nil {
			return false
		}
		c.Username, c.Token = m[1]+m[2], m[3]
		return true
	}
	return false
}

// pastedUser stores the answer to the question for a user name. It reports whether the
// answer was Base64, and whether it was a complete response that contains the secret.
func (r *REPL) pastedUser(mech, answer string, c *saslmech.Credentials) (encoded, whole bool) {
	c.Username = answer
	switch mech {
	case "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER":
	default:
		return false, false
	}
	text, ok := secret.TextInBase64(answer)
	if !ok {
		return false, false
	}
	if wholeResponse(mech, text, c) {
		r.screen.say("*  this is a complete response in Base64 with user and secret; it is sent unchanged")
		return true, true
	}
	if strings.ContainsAny(text, "\x00\x01") {
		return false, false
	}
	c.Username = text
	r.screen.say("*  the user name is Base64 and is sent unchanged; :login %s USER encodes a name", mech)
	return true, false
}

// pastedSecret returns the password or token in an answer. user is true if the user name
// was Base64.
func (r *REPL) pastedSecret(mech, answer string, user bool) string {
	text, ok := secret.TextInBase64(answer)
	switch {
	case mech != "PLAIN" && mech != "LOGIN" || !user && !ok:
		return answer
	case !user:
		r.screen.say("*  the password looks like Base64, but the user name was plain text; the password is used as typed")
		return answer
	case !ok || strings.ContainsAny(text, "\x00\x01"):
		r.screen.say("*  the password is not Base64; it is encoded")
		return answer
	}
	r.screen.say("*  the password is Base64, like the user name; it is sent unchanged")
	return text
}
