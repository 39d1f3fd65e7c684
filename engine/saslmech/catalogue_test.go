package saslmech_test

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"

	"smtpsh/engine/saslmech"
)

func TestCatalogueIsComplete(t *testing.T) {
	want := strings.Fields("PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS " +
		"SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER XOAUTH PLAIN-CLIENTTOKEN NTLM GSSAPI EXTERNAL ANONYMOUS")
	rfc := regexp.MustCompile(`^(RFC \d{4}( appendix [A-Z])?|draft-[a-z0-9-]+|(Google|Microsoft)[ ,].+)$`)
	var names []string
	for _, info := range saslmech.Catalogue() {
		names = append(names, info.Name)
		for _, field := range []string{info.Exchange, info.Explain, info.Try} {
			if !strings.HasSuffix(field, ".") || field != strings.TrimSpace(field) {
				t.Errorf("%s: not a sentence: %q", info.Name, field)
			}
		}
		for _, field := range []string{info.Initial, info.Example, info.Exchange, info.Explain, info.Try} {
			if field == "" || strings.ContainsFunc(field, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%s: field is empty or not plain ASCII: %q", info.Name, field)
			}
		}
		for _, item := range strings.Split(info.RFC, "; ") {
			if !rfc.MatchString(item) {
				t.Errorf("%s: source %q has an unexpected form", info.Name, item)
			}
		}
		if !slices.Contains([]string{"standard", "limited", "obsolete but common", "historic", "vendor", "dead"}, info.Standing) {
			t.Errorf("%s: standing %q", info.Name, info.Standing)
		}
		if !slices.Contains([]string{"client", "server", "unknown"}, info.First) ||
			info.First == "unknown" && info.Spoken {
			t.Errorf("%s: first %q", info.Name, info.First)
		}
		if info.First == "server" && !strings.HasPrefix(info.Initial, "none") {
			t.Errorf("%s: the server speaks first, but there is an initial response %q", info.Name, info.Initial)
		}
		if !slices.Contains([]string{"inside TLS", "listed, not usable", "no"}, info.Gmail) {
			t.Errorf("%s: Gmail %q", info.Name, info.Gmail)
		}
		if !strings.HasPrefix(info.Example, "C: ") && !strings.HasPrefix(info.Example, "S: ") {
			t.Errorf("%s: example %q", info.Name, info.Example)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("mechanisms %v, want %v", names, want)
	}
}

func TestLookupInfo(t *testing.T) {
	for _, info := range saslmech.Catalogue() {
		for _, name := range []string{info.Name, strings.ToLower(info.Name)} {
			if got, ok := saslmech.LookupInfo(name); !ok || got != info {
				t.Errorf("%s: lookup gives %+v, %v", name, got, ok)
			}
		}
	}
	for _, name := range []string{"", " ", "PLAIN ", "SCRAM", "XYZZY"} {
		if info, ok := saslmech.LookupInfo(name); ok {
			t.Errorf("%q: found %s", name, info.Name)
		}
	}
	saslmech.Catalogue()[0].Name = "changed"
	if _, ok := saslmech.LookupInfo("PLAIN"); !ok {
		t.Error("a caller changed the catalogue")
	}
}

// base64Words returns the decoded base64 words of an example, in order.
func base64Words(t *testing.T, example string) []string {
	t.Helper()
	var decoded []string
	for _, step := range strings.Split(example, " / ") {
		words := strings.Fields(strings.TrimSuffix(step, ", shortened to its first 12 bytes"))
		switch {
		case len(words) == 4 && words[1] == "AUTH", len(words) == 3 && words[1] == "334", len(words) == 2:
		default:
			continue
		}
		word := words[len(words)-1]
		if word == "=" {
			decoded = append(decoded, "")
			continue
		}
		b, err := base64.StdEncoding.DecodeString(word)
		if err != nil {
			t.Errorf("example %q: %v", word, err)
		}
		decoded = append(decoded, string(b))
	}
	return decoded
}

func TestExamplesDecode(t *testing.T) {
	const challenge = "<1234.5678@mx.example.org>"
	mac := hmac.New(md5.New, []byte("s3cret"))
	mac.Write([]byte(challenge))
	cram := "alice@example.com " + hex.EncodeToString(mac.Sum(nil))

	tests := map[string][]string{
		"PLAIN":              {"\x00alice@example.com\x00s3cret"},
		"LOGIN":              {"Username:", "alice@example.com", "Password:", "s3cret"},
		"CRAM-MD5":           {challenge, cram},
		"DIGEST-MD5":         {`realm="example.org",nonce="kXn3qPz81Lw",qop="auth",algorithm=md5-sess,charset=utf-8`},
		"SCRAM-SHA-1":        {"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"},
		"SCRAM-SHA-256":      {"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"},
		"SCRAM-SHA-1-PLUS":   {"p=tls-exporter,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"},
		"SCRAM-SHA-256-PLUS": {"p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO"},
		"XOAUTH2":            {"user=alice@example.com\x01auth=Bearer ya29.EXAMPLE\x01\x01"},
		"OAUTHBEARER":        {"n,a=alice@example.com,\x01host=smtp.gmail.com\x01port=587\x01auth=Bearer ya29.EXAMPLE\x01\x01"},
		"XOAUTH":             nil,
		"PLAIN-CLIENTTOKEN":  nil,
		"NTLM":               {"NTLMSSP\x00\x01\x00\x00\x00"},
		"GSSAPI":             nil,
		"EXTERNAL":           {""},
		"ANONYMOUS":          {"alice@example.com"},
	}
	for _, info := range saslmech.Catalogue() {
		want, ok := tests[info.Name]
		if !ok {
			t.Errorf("%s: no expectation for its example", info.Name)
			continue
		}
		if got := base64Words(t, info.Example); !slices.Equal(got, want) {
			t.Errorf("%s: example decodes to %q, want %q", info.Name, got, want)
		}
	}
}
