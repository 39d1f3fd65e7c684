package swaks

import (
	"slices"
	"strings"
)

// cipherList returns the suites of a list in the notation of OpenSSL (ciphers(1)): names, groups
// such as HIGH, intersections with +, and the prefixes !, - and +. Go decides on the order, so
// that + and @STRENGTH change nothing. A word that is not known is skipped, as OpenSSL does.
func cipherList(list string) []uint16 {
	var out []uint16
	var never []uint16
	for word := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ':' || r == ',' || r == ' ' }) {
		mark := ""
		if word, _, _ = strings.Cut(word, "@"); word == "" { // @STRENGTH, @SECLEVEL=0
			continue
		}
		if strings.ContainsRune("!-+", rune(word[0])) {
			mark, word = word[:1], word[1:]
		}
		found := cipherGroup(word)
		switch mark {
		case "!":
			never = append(never, found...)
			fallthrough
		case "-":
			out = slices.DeleteFunc(out, func(id uint16) bool { return slices.Contains(found, id) })
		case "":
			for _, id := range found {
				if !slices.Contains(out, id) && !slices.Contains(never, id) {
					out = append(out, id)
				}
			}
		}
	}
	return out
}

// cipherGroup returns the suites of a name, of a group, or of several with + between them.
func cipherGroup(word string) []uint16 {
	var out []uint16
	for _, name := range suiteNames {
		if !slices.ContainsFunc(strings.Split(word, "+"), func(w string) bool { return !inCipherGroup(name, w) }) {
			out = append(out, suites[name])
		}
	}
	return out
}

// suiteNames are the names of suites in alphabetical order.
var suiteNames = sortedNames()

func sortedNames() []string {
	var names []string
	for n := range suites {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// inCipherGroup reports whether a suite has the name or belongs to the group.
func inCipherGroup(name, group string) bool {
	aead := strings.Contains(name, "GCM") || strings.Contains(name, "POLY1305")
	ecdhe := strings.HasPrefix(name, "ECDHE-")
	switch group {
	case name, "ALL", "COMPLEMENTOFALL":
		return group != "COMPLEMENTOFALL"
	case "DEFAULT", "HIGH":
		return !strings.Contains(name, "DES-CBC3")
	case "MEDIUM", "3DES":
		return strings.Contains(name, "DES-CBC3")
	case "ECDHE", "EECDH", "kECDHE", "kEECDH":
		return ecdhe
	case "kRSA", "RSA":
		return !ecdhe
	case "aRSA":
		return !strings.HasPrefix(name, "ECDHE-ECDSA-")
	case "aECDSA", "ECDSA":
		return strings.HasPrefix(name, "ECDHE-ECDSA-")
	case "AES", "AES128", "AES256":
		return strings.Contains(name, group)
	case "AESGCM":
		return strings.Contains(name, "GCM")
	case "CHACHA20":
		return strings.Contains(name, group)
	case "SHA1", "SHA":
		return strings.HasSuffix(name, "-SHA")
	case "SHA256":
		return strings.HasSuffix(name, "-SHA256") && !aead
	case "SHA384":
		return strings.HasSuffix(name, "-SHA384") && !aead
	case "TLSv1.2":
		return aead || strings.HasSuffix(name, "-SHA256") || strings.HasSuffix(name, "-SHA384")
	case "TLSv1", "TLSv1.0", "SSLv3":
		return strings.HasSuffix(name, "-SHA")
	}
	return false // eNULL, aNULL, PSK and others that Go does not have
}
