package saslmech

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"
)

// digest is one DIGEST-MD5 exchange with the quality of protection "auth" (RFC 2831). The
// mechanism is historic (RFC 6331): it exists for old servers and is never chosen by itself.
type digest struct {
	user, realm, password, authzid string
	nonce, cnonce, uri             string
	utf8                           bool // the server has sent charset=utf-8
}

// response returns the proof of the client, or of the server if prefix is "" (RFC 2831 section
// 2.1.2.1).
func (d *digest) response(prefix string) string {
	user, realm, password := d.user, d.realm, d.password
	if d.utf8 { // texts of ISO 8859-1 are hashed in that form
		user, realm, password = latin1(user), latin1(realm), latin1(password)
	}
	secret := md5.Sum([]byte(user + ":" + realm + ":" + password))
	a1 := string(secret[:]) + ":" + d.nonce + ":" + d.cnonce
	if d.authzid != "" {
		a1 += ":" + d.authzid
	}
	return hexMD5(strings.Join([]string{hexMD5(a1), d.nonce, "00000001", d.cnonce, "auth", hexMD5(prefix + ":" + d.uri)}, ":"))
}

func hexMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// latin1 returns a text in ISO 8859-1, or unchanged if it has other characters.
func latin1(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s
		}
		out = append(out, byte(r))
	}
	return string(out)
}

// directives parses key=value and key="value", separated by commas (RFC 2831 section 7.1).
// Of several realms it keeps the first.
func directives(text string) (map[string]string, error) {
	out := map[string]string{}
	for rest := strings.Trim(text, ", \t"); rest != ""; rest = strings.TrimLeft(rest, ", \t") {
		key, after, ok := strings.Cut(rest, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		if !ok || key == "" {
			return nil, fmt.Errorf("%w: %q has no value", ErrSyntax, key)
		}
		value := ""
		if strings.HasPrefix(after, `"`) {
			var b strings.Builder
			i := 1
			for ; i < len(after) && after[i] != '"'; i++ {
				if after[i] == '\\' && i+1 < len(after) {
					i++
				}
				b.WriteByte(after[i])
			}
			if i == len(after) {
				return nil, fmt.Errorf("%w: the quotation mark of %s is not closed", ErrSyntax, key)
			}
			value, rest = b.String(), after[i+1:]
		} else {
			value, rest, _ = strings.Cut(after, ",")
			value = strings.TrimSpace(value)
		}
		if _, twice := out[key]; !twice {
			out[key] = value
		} else if key != "realm" {
			return nil, fmt.Errorf("%w: %s occurs twice", ErrSyntax, key)
		}
	}
	return out, nil
}

// quoted writes a value in quotation marks.
func quoted(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }

// digestClient is the client of DIGEST-MD5.
type digestClient struct {
	digest
	host   string
	step   int
	proved bool // the server knows the password too
}

func newDigestClient(c *Credentials) (sasl.Client, error) {
	host := c.Host
	if host == "" {
		host = "localhost"
	}
	return &digestClient{digest: digest{user: c.Username, password: c.Password, authzid: c.Authzid}, host: host}, nil
}

func (c *digestClient) Start() (string, []byte, error) { return "DIGEST-MD5", nil, nil }

func (c *digestClient) Next(challenge []byte) ([]byte, error) {
	c.step++
	d, err := directives(string(challenge))
	if err != nil {
		return nil, fmt.Errorf("DIGEST-MD5: %w", err)
	}
	switch c.step {
	case 1:
		return c.answer(d)
	case 2:
		want := c.response("")
		if subtle.ConstantTimeCompare([]byte(d["rspauth"]), []byte(want)) != 1 {
			return nil, errors.New("DIGEST-MD5: the server does not prove that it knows the password")
		}
		c.proved = true
		return []byte{}, nil
	}
	return nil, errors.New("DIGEST-MD5: the server asks a third time")
}

// answer makes the response to the first challenge.
func (c *digestClient) answer(d map[string]string) ([]byte, error) {
	switch {
	case d["nonce"] == "":
		return nil, errors.New("DIGEST-MD5: the challenge has no nonce")
	case d["algorithm"] != "md5-sess":
		return nil, fmt.Errorf("DIGEST-MD5: the algorithm is %q, not md5-sess", d["algorithm"])
	}
	if qop, ok := d["qop"]; ok && !offersAuth(qop) {
		return nil, fmt.Errorf("DIGEST-MD5: the server offers the protection %q, not auth", qop)
	}
	c.nonce, c.realm, c.cnonce, c.uri = d["nonce"], d["realm"], rand.Text(), "smtp/"+c.host
	c.utf8 = strings.EqualFold(d["charset"], "utf-8")
	out := "username=" + quoted(c.user)
	if c.realm != "" {
		out += ",realm=" + quoted(c.realm)
	}
	out += ",nonce=" + quoted(c.nonce) + ",cnonce=" + quoted(c.cnonce) + ",nc=00000001,qop=auth,digest-uri=" + quoted(c.uri) +
		",response=" + c.response("AUTHENTICATE")
	if c.utf8 {
		out += ",charset=utf-8"
	}
	if c.authzid != "" {
		out += ",authzid=" + quoted(c.authzid)
	}
	return []byte(out), nil
}

// offersAuth reports whether a list of protections contains auth.
func offersAuth(list string) bool {
	for p := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(p), "auth") {
			return true
		}
	}
	return false
}

func (c *digestClient) finished() error {
	if !c.proved {
		return errors.New("DIGEST-MD5: the server accepted without a proof that it knows the password")
	}
	return nil
}

// digestServer is the server of DIGEST-MD5.
type digestServer struct {
	digest
	v    *Verifier
	step int
}

func newDigestServer(v *Verifier) sasl.Server {
	host := v.Host
	if host == "" {
		host = "localhost"
	}
	return &digestServer{v: v, digest: digest{realm: host, nonce: rand.Text(), utf8: true}}
}

func (s *digestServer) Next(response []byte) ([]byte, bool, error) {
	s.step++
	switch s.step {
	case 1:
		if response != nil {
			return nil, true, fmt.Errorf("%w: DIGEST-MD5 has no initial response", ErrSyntax)
		}
		return []byte("realm=" + quoted(s.realm) + ",nonce=" + quoted(s.nonce) + `,qop="auth",charset=utf-8,algorithm=md5-sess`), false, nil
	case 2:
		return s.verify(string(response))
	}
	if len(response) > 0 {
		return nil, true, fmt.Errorf("%w: DIGEST-MD5 ends with an empty response", ErrSyntax)
	}
	return nil, true, nil
}

// verify checks the response and returns the server's own proof.
func (s *digestServer) verify(text string) ([]byte, bool, error) {
	d, err := directives(text)
	switch {
	case err != nil:
		return nil, true, err
	case d["username"] == "" || d["cnonce"] == "" || d["response"] == "" || d["digest-uri"] == "":
		return nil, true, fmt.Errorf("%w: a directive is missing", ErrSyntax)
	}
	password, err := s.v.Password(d["username"])
	if err != nil {
		return nil, true, err
	}
	if d["nonce"] != s.nonce || d["nc"] != "00000001" || d["realm"] != s.realm || d["authzid"] != "" && d["authzid"] != d["username"] ||
		d["qop"] != "" && d["qop"] != "auth" || !strings.HasPrefix(d["digest-uri"], "smtp/") {
		return nil, true, ErrRefused
	}
	s.user, s.password, s.authzid = d["username"], password, d["authzid"]
	s.cnonce, s.uri, s.utf8 = d["cnonce"], d["digest-uri"], d["charset"] != ""
	if subtle.ConstantTimeCompare([]byte(s.response("AUTHENTICATE")), []byte(d["response"])) != 1 {
		return nil, true, ErrRefused
	}
	return []byte("rspauth=" + s.response("")), false, nil
}
