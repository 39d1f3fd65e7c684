package saslmech

import (
	"strings"

	"smtpsh/internal/lazyregexp"
)

// NameIn returns the user name in the first response of a mechanism, decoded from Base64;
// "" if it contains none or does not have the form of the mechanism.
func NameIn(mechanism string, response []byte) string {
	text := string(response)
	switch name := strings.ToUpper(mechanism); {
	case name == "PLAIN": // a password in the wrong place would leave the last part empty
		//mutant:a-mistyped-login-is-not-decoded is " && parts[2] != \"\"" ""
		if parts := strings.Split(text, "\x00"); len(parts) == 3 && parts[2] != "" {
			return parts[1]
		}
	case name == "LOGIN":
		return text
	case name == "CRAM-MD5":
		if m := cramForm().FindStringSubmatch(text); m != nil {
			return m[1]
		}
	case name == "DIGEST-MD5":
		if d, err := directives(text); err == nil && d["response"] != "" && d["nonce"] != "" {
			return d["username"]
		}
	case name == "NTLM":
		return ntlmName(response)
	case name == "XOAUTH2":
		if m := xoauth2Form().FindStringSubmatch(text); m != nil {
			return m[1]
		}
	case name == "OAUTHBEARER":
		if m := bearerForm().FindStringSubmatch(text); m != nil {
			return unescapeName(m[1])
		}
	case strings.HasPrefix(name, "SCRAM-"):
		if m := scramForm().FindStringSubmatch(text); m != nil {
			return unescapeName(m[1])
		}
	}
	return ""
}

// The forms of first responses. Other forms can have the credentials in another place, so
// they give no name.
var (
	cramForm    = lazyregexp.New(`^(.+) [0-9a-fA-F]{32}$`)
	xoauth2Form = lazyregexp.New(`^user=([^\x01]*)\x01auth=Bearer [^\x01]+\x01\x01$`)
	bearerForm  = lazyregexp.New(`^n,a=([^,\x01]*),\x01(?:(?:host|port)=[^\x01]*\x01)*auth=Bearer [^\x01]+\x01\x01$`)
	scramForm   = lazyregexp.New(`^(?:n|y|p=[A-Za-z0-9.-]+),(?:a=[^,]*)?,n=([^,]*),r=[^,]+$`)
)

// unescapeName decodes the name of RFC 5802 section 5.1 and RFC 5801 section 4.
func unescapeName(s string) string {
	return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s)
}

// AsksForName reports whether a challenge of LOGIN asks for the user name. Servers choose
// the words, so every challenge without "pass" counts.
func AsksForName(challenge string) bool {
	c := strings.ToLower(challenge)
	if strings.Contains(c, "pass") || strings.Contains(c, "pwd") || strings.Contains(c, "secret") {
		return false
	}
	return strings.Contains(c, "user") || strings.Contains(c, "name") || strings.Contains(c, "login") || strings.Contains(c, "account")
}
