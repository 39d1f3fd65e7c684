package saslmech

import "strings"

// NameIn finds who wants to log in, in the first response of a mechanism, decoded
// from Base64; "" when it is not to be found there.
func NameIn(mechanism string, response []byte) string {
	text := string(response)
	switch name := strings.ToUpper(mechanism); {
	case name == "PLAIN":
		if parts := strings.Split(text, "\x00"); len(parts) == 3 {
			return parts[1]
		}
	case name == "LOGIN":
		return text
	case name == "CRAM-MD5":
		if i := strings.LastIndexByte(text, ' '); i >= 0 {
			return text[:i]
		}
	case name == "XOAUTH2":
		for part := range strings.SplitSeq(text, "\x01") {
			if user, ok := strings.CutPrefix(part, "user="); ok {
				return user
			}
		}
	case name == "OAUTHBEARER":
		if rest, ok := strings.CutPrefix(text, "n,a="); ok {
			user, _, _ := strings.Cut(rest, ",")
			return unescapeName(user)
		}
	case strings.HasPrefix(name, "SCRAM-"):
		for part := range strings.SplitSeq(text, ",") {
			if user, ok := strings.CutPrefix(part, "n="); ok {
				return unescapeName(user)
			}
		}
	}
	return ""
}

// unescapeName reads the name of RFC 5802 section 5.1 and RFC 5801 section 4.
func unescapeName(s string) string {
	return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s)
}
