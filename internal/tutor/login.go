package tutor

import (
	"encoding/base64"
	"fmt"
	"strings"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
	"smtpsh/internal/lazyregexp"
)

// exchange follows a login and decodes its Base64. Of the client's responses it shows only
// the user name or a nonce, and only if the whole response has the form of its mechanism:
// a mistyped response may contain the password anywhere.
type exchange struct {
	under    bool
	mech     string
	sent     int  // number of responses so far
	nameless bool // the server did not ask for the name first
}

// begin starts a login with the argument of AUTH and explains its initial response.
func (x *exchange) begin(arg string) string {
	f := strings.Fields(arg)
	*x = exchange{}
	if len(f) == 0 {
		return ""
	}
	if _, ok := saslmech.LookupInfo(strings.ToUpper(f[0])); !ok {
		return "" // the argument may be credentials
	}
	x.under, x.mech = true, strings.ToUpper(f[0])
	if len(f) < 2 || f[1] == "=" {
		return ""
	}
	return x.response(f[1])
}

// response explains a line that the client sends.
func (x *exchange) response(line string) string {
	x.sent++
	switch line {
	case "*":
		return "\"*\" cancels the login."
	case "":
		return "An empty line: the client has nothing more to send, and the server can answer."
	}
	b, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		return "This is not Base64; the server cannot read it."
	}
	name := ""
	if x.sent == 1 && !x.nameless {
		name = saslmech.NameIn(x.mech, b)
	}
	switch {
	case x.mech == "LOGIN" && name != "":
		return fmt.Sprintf("Base64 of the user name, %q.", name)
	case x.mech == "LOGIN":
		return "Base64 of the password, " + secret.Mask + ". Anybody can decode it; only TLS hides it."
	case x.mech == "ANONYMOUS":
		return "Base64 of a name for the server's log."
	case x.mech == "EXTERNAL":
		return "Base64 of the user to act for; the client certificate is the proof."
	case strings.HasPrefix(x.mech, "SCRAM-") && x.sent > 1:
		if m := scramFinal().FindStringSubmatch(string(b)); m != nil {
			return "Base64 of " + m[1] + ",p=" + secret.Mask + ": the proof that the client knows the password."
		}
	}
	if form, ok := forms[family(x.mech)]; ok && x.sent == 1 {
		if name == "" {
			return "Base64 of something that does not have the form of " + x.mech + ": " + form.means
		}
		return fmt.Sprintf(form.shown, name) + ": " + form.means
	}
	return "Base64 of credentials, " + secret.Mask + "."
}

// scramFinal matches the second response of SCRAM (RFC 5802 section 7).
var scramFinal = lazyregexp.New(`^(c=[A-Za-z0-9+/=]*,r=[^,\x00-\x1f]+),p=[A-Za-z0-9+/=]+$`)

// forms describes the initial responses: shown is the text with masked secrets, means
// explains the parts.
var forms = map[string]struct{ shown, means string }{
	"PLAIN": {
		"Base64 of [] NUL [%s] NUL [" + secret.Mask + "]",
		"the user to act for (usually empty), the user name, and the password, separated by NUL bytes. Base64 is not encryption.",
	},
	"CRAM-MD5":    {"Base64 of %q " + secret.Mask, "the user name, and a digest of the challenge and the password."},
	"XOAUTH2":     {"Base64 of user=%s ^A auth=Bearer " + secret.Mask + " ^A ^A", "the user name, and an access token instead of a password."},
	"OAUTHBEARER": {"Base64 of n,a=%s, ^A auth=Bearer " + secret.Mask + " ^A ^A", "the user name, and an access token instead of a password."},
	"SCRAM":       {"Base64 of n,,n=%s,r=...", "the user name and a random number. The password is never sent."},
}

// family returns the key of a mechanism in forms.
func family(mech string) string {
	if strings.HasPrefix(mech, "SCRAM-") {
		return "SCRAM"
	}
	return mech
}

// maxChallenge limits the shown length of a challenge in bytes.
const maxChallenge = 300

// challenge explains the text of a 334 reply.
func (x *exchange) challenge(text string) string {
	if strings.TrimSpace(text) == "" {
		return "An empty challenge: the client continues."
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		x.nameless = true
		return "The challenge is not Base64."
	}
	if x.mech == "LOGIN" && x.sent == 0 && !saslmech.AsksForName(string(b)) {
		x.nameless = true
	}
	if len(b) > maxChallenge {
		b = append(b[:maxChallenge], "..."...)
	}
	return "Base64 of: " + string(b)
}
