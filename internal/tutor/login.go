package tutor

import (
	"encoding/base64"
	"fmt"
	"strings"

	"smtpsh/engine/saslmech"
	"smtpsh/engine/secret"
	"smtpsh/internal/lazyregexp"
)

// exchange follows a login, to decode what Base64 hides in it. Of our side only
// what is known to be harmless is shown, a name or a number used once, and only
// where the whole response has its mechanism's form: what a learner has mistyped may
// have the password anywhere.
type exchange struct {
	under    bool
	mech     string
	sent     int  // responses so far
	nameless bool // the server has asked for something else than the name first
}

// begin takes the argument of AUTH.
func (x *exchange) begin(arg string) string {
	f := strings.Fields(arg)
	*x = exchange{}
	if len(f) == 0 {
		return ""
	}
	if _, ok := saslmech.LookupInfo(strings.ToUpper(f[0])); !ok {
		return "" // what stands there may be credentials
	}
	x.under, x.mech = true, strings.ToUpper(f[0])
	if len(f) < 2 || f[1] == "=" {
		return ""
	}
	return x.response(f[1])
}

// response tells what a line of smtpsh says.
func (x *exchange) response(line string) string {
	x.sent++
	switch line {
	case "*":
		return "\"*\" gives the login up."
	case "":
		return "An empty line: nothing more to say, the server may answer."
	}
	b, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		return "This is not Base64; the server will not be able to read it."
	}
	name := ""
	if x.sent == 1 && !x.nameless {
		name = saslmech.NameIn(x.mech, b)
	}
	switch {
	case x.mech == "LOGIN" && name != "":
		return fmt.Sprintf("Base64 of the name, %q.", name)
	case x.mech == "LOGIN":
		return "Base64 of the password, " + secret.Mask + ". Anybody can decode it; only TLS hides it."
	case x.mech == "ANONYMOUS":
		return "Base64 of who is calling, for the server's log."
	case x.mech == "EXTERNAL":
		return "Base64 of whom to act for; the proof is the certificate."
	case strings.HasPrefix(x.mech, "SCRAM-") && x.sent > 1:
		if m := scramFinal().FindStringSubmatch(string(b)); m != nil {
			return "Base64 of " + m[1] + ",p=" + secret.Mask + ": the proof that we know the password."
		}
	}
	if form, ok := forms[family(x.mech)]; ok && x.sent == 1 {
		if name == "" {
			return "Base64 of something that is not of the form of " + x.mech + ": " + form.means
		}
		return fmt.Sprintf(form.shown, name) + ": " + form.means
	}
	return "Base64 of credentials, " + secret.Mask + "."
}

// scramFinal is the second response of SCRAM (RFC 5802 section 7).
var scramFinal = lazyregexp.New(`^(c=[A-Za-z0-9+/=]*,r=[^,\x00-\x1f]+),p=[A-Za-z0-9+/=]+$`)

// forms are the first responses: how they are shown, their secrets masked, and what
// they are made of.
var forms = map[string]struct{ shown, means string }{
	"PLAIN": {
		"Base64 of [] NUL [%s] NUL [" + secret.Mask + "]",
		"identity (usually empty), user name and password, separated by NUL bytes. This is not encryption.",
	},
	"CRAM-MD5":    {"Base64 of %q " + secret.Mask, "the name, and a digest of the challenge made with the password."},
	"XOAUTH2":     {"Base64 of user=%s ^A auth=Bearer " + secret.Mask + " ^A ^A", "the name and an access token instead of a password."},
	"OAUTHBEARER": {"Base64 of n,a=%s, ^A auth=Bearer " + secret.Mask + " ^A ^A", "the name and an access token instead of a password."},
	"SCRAM":       {"Base64 of n,,n=%s,r=...", "the name and a number used once. The password never leaves this machine."},
}

// family is the name under which a mechanism's form is listed.
func family(mech string) string {
	if strings.HasPrefix(mech, "SCRAM-") {
		return "SCRAM"
	}
	return mech
}

// maxChallenge bounds how much of a challenge is shown.
const maxChallenge = 300

// challenge tells what a 334 says.
func (x *exchange) challenge(text string) string {
	if strings.TrimSpace(text) == "" {
		return "An empty challenge: go on."
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
