package tlsinfo

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
)

// Curves are the key exchanges that [ParseCurves] knows, by their names.
var Curves = []struct {
	Name string
	ID   tls.CurveID
}{
	{"X25519MLKEM768", tls.X25519MLKEM768}, {"X25519", tls.X25519}, {"P-256", tls.CurveP256}, {"P-384", tls.CurveP384}, {"P-521",
		tls.CurveP521},
}

// ParseCurves reads a list of key exchanges separated by commas, such as "X25519,P-256". The
// error names the unknown one.
func ParseCurves(list string) ([]tls.CurveID, error) {
	var out []tls.CurveID
next:
	for word := range strings.SplitSeq(list, ",") {
		for _, c := range Curves {
			if strings.EqualFold(strings.TrimSpace(word), c.Name) {
				out = append(out, c.ID)
				continue next
			}
		}
		return nil, fmt.Errorf("unknown key exchange %.40q", word)
	}
	return out, nil
}

// CurveNames lists the names that [ParseCurves] accepts.
func CurveNames() string {
	var names []string
	for _, c := range Curves {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// ParseSuites reads a list of cipher suites for TLS 1.2 and older, by their IANA names and
// separated by commas. The suites of TLS 1.3 cannot be chosen in Go. The error names the
// unknown suite.
func ParseSuites(list string) ([]uint16, error) {
	var out []uint16
next:
	for word := range strings.SplitSeq(list, ",") {
		name := strings.TrimSpace(word)
		for _, s := range allSuites() {
			if !strings.EqualFold(name, s.Name) {
				continue
			}
			if len(s.SupportedVersions) == 1 && s.SupportedVersions[0] == tls.VersionTLS13 {
				return nil, fmt.Errorf("%s belongs to TLS 1.3, whose suites cannot be chosen", s.Name)
			}
			out = append(out, s.ID)
			continue next
		}
		return nil, fmt.Errorf("unknown cipher suite %.60q", name)
	}
	return out, nil
}

// LegacySuites returns all suites for TLS 1.2 and older, also those with RSA key exchange,
// CBC, 3DES and RC4, which old servers may need.
func LegacySuites() []uint16 {
	var out []uint16
	for _, s := range allSuites() {
		if len(s.SupportedVersions) > 1 || s.SupportedVersions[0] != tls.VersionTLS13 {
			out = append(out, s.ID)
		}
	}
	return out
}

func allSuites() []*tls.CipherSuite { return append(tls.CipherSuites(), tls.InsecureCipherSuites()...) }

// maxProtocolName is the longest name of an application protocol, in bytes (RFC 7301 section
// 3.1).
const maxProtocolName = 255

// ParseALPN reads names of application protocols (RFC 7301), separated by commas. The error
// says which name is wrong.
func ParseALPN(list string) ([]string, error) {
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "":
			return nil, errors.New("a name is empty")
		case len(name) > maxProtocolName:
			return nil, fmt.Errorf("a name has %d bytes of at most %d", len(name), maxProtocolName)
		}
		out = append(out, name)
	}
	return out, nil
}
