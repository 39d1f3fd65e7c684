package secret_test

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"smtpsh/engine/secret"
)

// The time to search a line is limited, for any number of logins that share their secrets.
func TestSecretsAreBounded(t *testing.T) {
	var k secret.Set
	for i := range 2000 {
		k.Add("password number " + strconv.Itoa(i) + ".")
	}
	if got := k.Mask("password number 1999. and password number 3."); got != "******** and password number 3." {
		t.Errorf("shown as %q", got)
	}
}

func TestLogins(t *testing.T) {
	for line, want := range map[string]bool{
		"AUTHPLAIN AHUAaHVudGVyMmh1bnRlcjI=": true, "NOOP AUTH PLAIN AHUAaHVudGVyMmh1bnRlcjI=": true,
		"AUTH=PLAIN AHUAaHVudGVyMmh1bnRlcjI=":      true,
		"dXNlcj1hAWF1dGg9QmVhcmVyIHlhMjkuYWJjAQE=": true, "EHLO client.example.org": false,
		"VRFY administrator": false, "MAIL FROM:<aaaaaaaaaaaa@example.org>": false,
	} {
		if (len(secret.Logins(line)) > 0) != want {
			t.Errorf("%q: want %v", line, want)
		}
	}
}

// Secrets are found in Base64 at each of its three places, and next to other text.
func TestSpansInBase64(t *testing.T) {
	var k secret.Set
	k.Add("hunter2secret")
	for _, before := range []string{"", "a", "ab", "abc", "\x00user\x00"} {
		for _, after := range []string{"", "z", "zz"} {
			text := "334 " + base64.StdEncoding.EncodeToString([]byte(before+"hunter2secret"+after)) + " ok"
			spans := k.Spans([]byte(text))
			if len(spans) == 0 || !slices.IsSortedFunc(spans, func(a, b secret.Span) int { return a.From - b.From }) {
				t.Fatalf("%q: %v", text, spans)
			}
			masked := k.Mask(text)
			if !strings.HasPrefix(masked, "334 ") || !strings.HasSuffix(masked, " ok") || !strings.Contains(masked, secret.Mask) {
				t.Errorf("%q is shown as %q", text, masked)
			}
			// the rest on both sides is less than the text around it and one digit
			if left := len(masked) - len("334  ok") - len(secret.Mask); left > len(before)*4/3+len(after)*4/3+6 {
				t.Errorf("%q is shown as %q", text, masked)
			}
		}
	}
}

func TestSecretThatContainsAnother(t *testing.T) {
	for _, order := range [][]string{{"open sesame now", "sesame"}, {"sesame", "open sesame now"}} {
		var k secret.Set
		for _, s := range order {
			k.Add(s)
		}
		if got := k.Mask("say open sesame now, sesame"); got != "say ********, ********" {
			t.Errorf("%v: shown as %q", order, got)
		}
	}
}

// Secrets of less than four bytes would mask ordinary text.
func TestShortSecrets(t *testing.T) {
	var k secret.Set
	for _, s := range []string{"", "a", "abc"} {
		k.Add(s)
		k.AddExact([]byte(s))
	}
	if text := "a abc"; !k.Empty() || k.Mask(text) != text || k.Has(text) {
		t.Errorf("short secrets are masked: %q", k.Mask(text))
	}
	k.AddExact([]byte("abcd"))
	if k.Empty() || k.Mask("ABCD YWJjZA==") != "******** YWJjZA==" {
		t.Errorf("shown as %q", k.Mask("ABCD YWJjZA=="))
	}
	var none *secret.Set
	none.Add("abcd")
	none.AddExact([]byte("abcd"))
	if !none.Empty() || none.Mask("abcd") != "abcd" || none.Spans([]byte("abcd")) != nil {
		t.Error("a nil set holds a secret")
	}
}

func TestSetIsSafeForConcurrentUse(t *testing.T) {
	var k secret.Set
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				word := "secret " + strconv.Itoa(i*1000+j) + "."
				k.Add(word)
				k.Mask(word)
				k.Spans([]byte(word))
			}
		})
	}
	all.Wait()
	kept := 0
	for i := range 8 {
		if k.Has("secret " + strconv.Itoa(i*1000+49) + ".") {
			kept++
		}
	}
	if kept == 0 {
		t.Error("no secret is left")
	}
}

func TestMaskAllocatesNothing(t *testing.T) {
	k := filled()
	line := "250-mx.example.org at your service, [192.0.2.1]"
	if n := testing.AllocsPerRun(100, func() { k.Mask(line) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	data := []byte(line)
	if n := testing.AllocsPerRun(100, func() { k.Spans(data) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func filled() *secret.Set {
	var k secret.Set
	k.Add("hunter2secret")
	k.Add("another-password")
	return &k
}

// FuzzMask checks that a masked text holds no secret of the set.
func FuzzMask(f *testing.F) {
	f.Add("say open sesame now", "open sesame", "sesame")
	f.Add("334 aHVudGVyMnNlY3JldA==", "hunter2secret", "")
	f.Add("abababab", "abab", "baba")
	f.Add("HUNTER2 hunter2", "Hunter2", "r2 h")
	f.Add("a%20b+c \xff\x00", "a b ", "\xff\x00\xff\x00")
	f.Add("AUTH PLAIN AGFubgBzZWNyZXQ=", "AUTH", "s")
	f.Fuzz(func(t *testing.T, text, one, two string) {
		var k secret.Set
		k.Add(one)
		k.Add(two)
		masked := k.Mask(text)
		for _, s := range []string{one, two, base64.StdEncoding.EncodeToString([]byte(one))} {
			if len(s) < secret.MinLength || len(one) < secret.MinLength && s != two || strings.Contains(s, "*") {
				continue // too short, or the mask itself can contain it
			}
			if strings.Contains(masked, s) {
				t.Errorf("%q with %q and %q is shown as %q", text, one, two, masked)
			}
		}
		lines.Match(text, ^secret.Place(0))
		lines.Mask(text)
		secret.MaskSpans([]byte(text), lines.Spans(text, ^secret.Place(0)))
		secret.InResponse(text, true)
		secret.TextInBase64(text)
		_ = secret.IsBase64(text)
		secret.Parse(text)
	})
}

func BenchmarkMaskNothing(b *testing.B) {
	k := filled()
	line := "250-mx.example.org at your service, [192.0.2.1]"
	b.ReportAllocs()
	for b.Loop() {
		k.Mask(line)
	}
}

func BenchmarkSpansNothing(b *testing.B) {
	k := filled()
	line := []byte("250-mx.example.org at your service, [192.0.2.1]\r\n")
	b.ReportAllocs()
	for b.Loop() {
		k.Spans(line)
	}
}
