package tutor

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"smtpsh/engine/event"
)

// exchange follows a login, to decode what Base64 hides in it. What is shown of
// our side is no secret whatever the server asks for: it is chosen by mechanism
// and position, never by the server's words.
type exchange struct {
	under bool
	mech  string
	sent  int // responses so far
}

// begin takes the argument of AUTH.
func (x *exchange) begin(arg string) string {
	f := strings.Fields(arg)
	*x = exchange{}
	if len(f) == 0 {
		return ""
	}
	x.under, x.mech = true, strings.ToUpper(f[0])
	if len(f) < 2 || f[1] == "=" {
		return ""
	}
	return x.response(f[1])
}

// response tells what a line of ours says.
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
	text := string(b)
	switch x.mech {
	case "PLAIN":
		parts := strings.Split(text, "\x00")
		if len(parts) != 3 {
			return "PLAIN is three words parted by NUL octets: for whom to act, the name, the password. This has " + fmt.Sprint(len(parts)) + "."
		}
		return fmt.Sprintf("Base64 of [%s] NUL [%s] NUL [%s]: for whom to act (empty: oneself), the name, the password. It is no encryption.", parts[0], parts[1], event.Mask)
	case "LOGIN":
		if x.sent == 1 {
			return fmt.Sprintf("Base64 of the name, %q.", text)
		}
		return "Base64 of the password, " + event.Mask + ". Anybody can decode it; only TLS hides it."
	case "CRAM-MD5":
		name, _, _ := strings.Cut(text, " ")
		return fmt.Sprintf("Base64 of the name %q and a digest of the challenge made with the password.", name)
	case "XOAUTH2", "OAUTHBEARER":
		return "Base64 of " + visible(bearer.ReplaceAllString(text, "${1}"+event.Mask)) + ": the name and an access token instead of a password."
	case "ANONYMOUS":
		return fmt.Sprintf("Base64 of %q: who is calling.", text)
	case "EXTERNAL":
		return fmt.Sprintf("Base64 of %q: whom to act for.", text)
	}
	if strings.HasPrefix(x.mech, "SCRAM-") {
		if x.sent == 1 {
			return "Base64 of " + visible(text) + ": the name and a number used once. The password never leaves this machine."
		}
		return "Base64 of " + visible(proof.ReplaceAllString(text, "p="+event.Mask)) + ": the proof that we know the password."
	}
	return "Base64 of credentials, " + event.Mask + "."
}

var (
	bearer = regexp.MustCompile(`(?i)(auth=Bearer )[^\x01]*`)
	proof  = regexp.MustCompile(`p=.*$`)
)

// visible writes the separators of OAuth as ^A.
func visible(s string) string { return strings.ReplaceAll(s, "\x01", "^A") }

// maxChallenge bounds how much of a challenge is shown.
const maxChallenge = 300

// challenge tells what a 334 says.
func (x *exchange) challenge(text string) string {
	if strings.TrimSpace(text) == "" {
		return "An empty challenge: go on."
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return "The challenge is not Base64."
	}
	if len(b) > maxChallenge {
		b = append(b[:maxChallenge], "..."...)
	}
	return "Base64 of: " + string(b)
}
