package message_test

import (
	"fmt"
	"math/rand/v2"
	"mime"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"smtpsh/internal/message"
)

// header returns the header of a composed message with its line breaks.
func header(t *testing.T, m *message.Message) string {
	t.Helper()
	h, _, ok := strings.Cut(string(m.Bytes), "\r\n\r\n")
	if !ok {
		t.Fatalf("no header in\n%s", m.Bytes)
	}
	return h
}

// checkLines fails the test if a line of a message has more than most bytes.
func checkLines(t *testing.T, raw string, most int) {
	t.Helper()
	for l := range strings.SplitSeq(raw, "\r\n") {
		if len(l) > most {
			t.Errorf("a line of %d bytes: %.100q", len(l), l)
		}
		if strings.TrimSpace(l) == "" && l != "" {
			t.Errorf("a line of white space: %q", l)
		}
		for _, w := range regexp.MustCompile(`=\?utf-8\?[qb]\?[^?]*\?=`).FindAllString(l, -1) {
			if len(w) > 75 || len(l) > 76 {
				t.Errorf("an encoded word of %d bytes on a line of %d: %q", len(w), len(l), l)
			}
		}
	}
}

// roundTrip checks that a composed field reads back as the same text and has no line that
// is too long.
func roundTrip(t *testing.T, name, value string) {
	t.Helper()
	spec := message.Spec{From: "a@example.org", To: []string{"b@example.org"}, Text: "x"}
	if name == "Subject" {
		spec.Subject = value
	} else {
		spec.Headers = []message.Field{{Name: name, Value: value}}
	}
	m, err := message.Build(spec)
	if err != nil {
		t.Fatalf("%s %.80q: %v", name, value, err)
	}
	checkLines(t, header(t, m), 78)
	p, err := message.Parse(m.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Get(name); got != value {
		t.Errorf("%s\n sent %q\n got  %q\n%s", name, value, got, header(t, m))
	}
}

var fieldValues = []string{
	"hello", "Grüße aus Köln", strings.Repeat("ä", 100), strings.Repeat("x", 1500),
	strings.Repeat("x", 77), strings.Repeat("x", 78),
	strings.Repeat("word ", 400) + "end", "a  b   c", " leading", "trailing ",
	"\ttab", "a\tb", "=?utf-8?q?not_mine?=", "a =? b ?= c",
	"=?utf-8?q?a?= =?utf-8?q?b?=",
	strings.Repeat(" ", 200) + "x", "a" + strings.Repeat(" ", 1200) + "b",
	"\x1b[31mred\x7f", "\xff\xfe no UTF-8", "日本語の件名" + strings.Repeat("あ", 60),
	"😀" + strings.Repeat("x", 70) + "😀",
	"a_b=c?d", "\u00a0nbsp\u00a0",
	strings.Repeat("ab ", 30) + strings.Repeat("y", 300), "?=", "=?",
	"x" + strings.Repeat(" =?", 40),
}

func TestFieldsRoundTrip(t *testing.T) {
	for _, name := range []string{"Subject", "X-Test", "Comments", "X-" + strings.Repeat("Long-", 12) + "Name"} {
		for _, v := range fieldValues {
			roundTrip(t, name, v)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{
		"a", "b", " ", " ", "\t", "ä", "日", "=", "?", "=?", "?=", "_", "\x01", "\xff",
		",", ";", "\"", "x-very-long-word-without-any-blank-in-it", "😀",
	}
	for range 3000 {
		var b strings.Builder
		for range 1 + r.IntN(120) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		roundTrip(t, "Subject", b.String())
	}
}

func FuzzFieldsRoundTrip(f *testing.F) {
	for _, v := range fieldValues {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		if v == "" || strings.ContainsAny(v, "\r\n\x00") {
			t.Skip()
		}
		roundTrip(t, "Subject", v)
		roundTrip(t, "X-Test", v)
	})
}

// Structured fields are only folded. Values that need encoded words are rejected.
func TestStructuredFieldsAreNotEncoded(t *testing.T) {
	build := func(name, value string) (*message.Message, error) {
		return message.Build(message.Spec{From: "a@example.org", To: []string{"b@example.org"}, Headers: []message.Field{{Name: name,
			Value: value}}})
	}
	refs := strings.TrimSpace(strings.Repeat("<0123456789.abcdef@host.example.org> ", 80))
	for name, value := range map[string]string{"References": refs, "List-Unsubscribe": "<https://example.org/" + strings.Repeat("u", 300) + ">"} {
		m, err := build(name, value)
		if err != nil {
			t.Fatal(err)
		}
		checkLines(t, header(t, m), 998)
		p, _ := message.Parse(m.Bytes)
		if strings.Contains(header(t, m), "=?") || p.Get(name) != value {
			t.Errorf("%s: %s", name, header(t, m))
		}
	}
	for name, value := range map[string]string{
		"List-Post":        "<mailto:list@b\u00fccher.example>",
		"List-Unsubscribe": "<https://b\u00fccher.example/u>",
		"List-Archive":     "<https://example.org/\u00fc>",
		"list-help":        "<mailto:a@example.org> (\u00fc)",
		"List-ID":          "\u00fc <l.example.org>", "References": "<\u00fc@example.org>",
		"Resent-Message-ID": "<\u00fc@example.org>",
		"Sender":            "\u00fc", "DKIM-Signature": "v=1; d=b\u00fccher.example",
		"Resent-To": "a@" + strings.Repeat("\u00fc", 60) + ".example",
	} {
		if _, err := build(name, value); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, value := range map[string]string{
		"List-Post": "<mailto:list@xn--bcher-kva.example>",
		"Sender":    "\u00fc <a@b\u00fccher.example>", "X-List": "\u00fc",
		"Content-Description": "\u00fc",
	} {
		if _, err := build(name, value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{
		"a@" + strings.Repeat("\u00fc", 60) + ".example",
		"Ann <a@" + strings.Repeat("aaaaaaaa\u00fc.", 18) + "example>",
	} {
		for _, s := range []message.Spec{
			{From: address, To: []string{"b@example.org"}},
			{From: "b@example.org", To: []string{address}},
			{From: "b@example.org", Bcc: []string{address}},
		} {
			if _, err := message.Build(s); err == nil || !strings.Contains(err.Error(), "RFC 1035") {
				t.Errorf("%.20s: %v", address, err)
			}
		}
	}
	if _, err := build("References", "<"+strings.Repeat("r", 1000)+
		"@example.org>"); err == nil || !strings.Contains(err.Error(), "References: ") || !strings.Contains(err.Error(), "998") {
		t.Errorf("a line that cannot be folded: %v", err)
	}
	if _, err := message.Build(message.Spec{From: "a@example.org", To: []string{"b@example.org"}, ID: strings.Repeat("i", 1000) +
		"@example.org"}); err == nil {
		t.Error("a Message-ID of 1000 bytes was accepted")
	}
}

func TestQuotedLocalParts(t *testing.T) {
	for written, want := range map[string]string{
		`"a@b"@sandbox.test`:                     `"a@b"@sandbox.test`,
		`Ann <"a@b"@sandbox.test>`:               `"a@b"@sandbox.test`,
		`"Lee, Ann" <"a b"@sandbox.test>`:        `"a b"@sandbox.test`,
		`"a\"b\\c"@sandbox.test`:                 `"a\"b\\c"@sandbox.test`,
		`"a,b>c"@sandbox.test`:                   `"a,b>c"@sandbox.test`,
		`""@sandbox.test`:                        `""@sandbox.test`,
		`"plain"@sandbox.test`:                   `"plain"@sandbox.test`,
		`"a..b"@sandbox.test (a comment, <x@y>)`: `"a..b"@sandbox.test`,
		`plain@sandbox.test`:                     `plain@sandbox.test`,
		`"x"@[192.0.2.1]`:                        `"x"@[192.0.2.1]`,
		`group: "a@b"@sandbox.test;`:             `"a@b"@sandbox.test`,
	} {
		other := "other@sandbox.test"
		m, err := message.Build(message.Spec{From: written, To: []string{written}, Cc: []string{other + ", " + written}, ReplyTo: written})
		if strings.HasPrefix(written, `""`) && err != nil {
			continue // the standard library accepts no empty local part
		}
		if strings.HasPrefix(written, "group") { // a group is not an author
			m, err = message.Build(message.Spec{From: other, To: []string{written}, Cc: []string{other + ", " + written}, ReplyTo: written})
		}
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		if m.From != want && m.From != other || !slices.Equal(m.Rcpts, []string{want, other}) {
			t.Errorf("%s: envelope %s %q", written, m.From, m.Rcpts)
		}
		p, err := message.Parse(m.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.Addresses("To"), []string{want}) || !slices.Equal(p.Addresses("Cc"), []string{other, want}) ||
			!slices.Equal(p.Addresses("Reply-To"),
				[]string{want}) {
			t.Errorf("%s: read %q %q in\n%s", written, p.Addresses("To"), p.Addresses("Cc"), header(t, m))
		}
	}
	if m, err := message.Build(message.Spec{From: `"a@b"@x.example`, To: []string{"c@d.example"}}); err != nil ||
		!strings.HasSuffix(m.ID, "@x.example>") {
		t.Errorf("id %v, %v", m, err)
	}
}

// A folded list of any display names reads back with the same names and addresses.
func TestAddressListsRoundTrip(t *testing.T) {
	names := []string{
		"", "Ann", "Ann Lee", "Lee, Ann", `a "b" \c`, "Jürgen Müller",
		strings.Repeat("ä", 80), strings.Repeat("long name ", 20) + "end",
		"=?utf-8?q?x?=", "two  spaces", "日本語 (テスト)", "a\tb", strings.Repeat("n", 120),
	}
	var list []string
	var want []netmail.Address
	for i, n := range names {
		address := fmt.Sprintf("user%d@example.org", i)
		a := netmail.Address{Name: n, Address: address}
		list, want = append(list, a.String()), append(want, a)
	}
	m, err := message.Build(message.Spec{From: "a@example.org", To: list})
	if err != nil {
		t.Fatal(err)
	}
	checkLines(t, header(t, m), 78)
	r, err := netmail.ReadMessage(strings.NewReader(string(m.Bytes)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Header.AddressList("To")
	if err != nil {
		t.Fatalf("%v in\n%s", err, header(t, m))
	}
	for i := range want {
		if i >= len(got) || *got[i] != want[i] {
			t.Errorf("%d: want %q, got %q\n%s", i, want[i], got, header(t, m))
			break
		}
	}
}

func TestAttachmentNames(t *testing.T) {
	names := []string{
		"report.pdf", "Prüfbericht Q1.pdf", "a b.txt", `quo"te\.txt`,
		strings.Repeat("x", 300) + ".txt", strings.Repeat("ü", 200) + ".pdf",
		"日本語.docx", "=?utf-8?q?x?=.txt", "tab\tname", "it's 100% (new)*.txt",
		"a;b=c.txt",
	}
	for _, name := range names {
		m, err := message.Build(message.Spec{From: "a@example.org", To: []string{"b@example.org"}, Text: "x",
			Attachments: []message.Attachment{{Name: name, Type: "text/plain", Data: []byte("data")}}})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		raw := string(m.Bytes)
		checkLines(t, strings.ReplaceAll(raw, "\r\n\r\n", "\r\n"), 78)
		for i := range len(raw) {
			if raw[i] >= 0x80 {
				t.Fatalf("%q: not ASCII:\n%s", name, raw)
			}
		}
		field := regexp.MustCompile(`(?s)Content-Disposition: attachment;.*?\r\n[^ ]`).FindString(raw)
		if strings.Contains(field, "=?") || !strings.Contains(field, " filename=") {
			t.Errorf("%q: %s", name, field)
		}
		if !isPrintable(name) && !strings.Contains(field, "filename*") {
			t.Errorf("%q has no filename*: %s", name, field)
		}
		value := strings.NewReplacer("\r\n", "").Replace(strings.TrimPrefix(field[:len(field)-3], "Content-Disposition: "))
		if _, of, err := mime.ParseMediaType(value); err != nil || of["filename"] != name {
			t.Errorf("%q: the standard library reads %q, %v", name, of["filename"], err)
		}
		p, err := message.Parse(m.Bytes)
		if err != nil || len(p.Attachments) != 1 || p.Attachments[0].Name != name || string(p.Attachments[0].Data) != "data" {
			t.Errorf("%q: read %+v, %v\n%s", name, p.Attachments, err, field)
		}
	}
	// file names that violate RFC 2047 section 5 are still decoded
	p, err := message.Parse([]byte("From: a@b.example\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; " +
		"filename=\"=?utf-8?q?Pr=C3=BC?=.pdf\"\r\n\r\nx"))
	if err != nil || len(p.Attachments) != 1 || p.Attachments[0].Name != "Prü.pdf" {
		t.Errorf("%+v, %v", p, err)
	}
}

func isPrintable(s string) bool {
	for _, r := range s {
		if r < 0x20 || r > 0x7e || r == utf8.RuneError {
			return false
		}
	}
	return true
}

func TestHeaderForServersWithoutSMTPUTF8(t *testing.T) {
	m, err := message.Build(message.Spec{From: "ann@example.org", To: []string{"Bob <bob@bücher.example>"},
		Cc: []string{`"x y"@straße.example`}, ReplyTo: "r@bücher.example", Text: "x",
		Headers: []message.Field{{Name: "Sender", Value: "s@bücher.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := m.For(true)
	if err != nil || !strings.Contains(string(raw), "To: Bob <bob@bücher.example>\r\n") || !m.NeedsUTF8() {
		t.Errorf("%v\n%s", err, raw)
	}
	raw, err = m.For(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"To: Bob <bob@xn--bcher-kva.example>\r\n",
		"Cc: <\"x y\"@xn--strae-oqa.example>\r\n",
		"Reply-To: <r@xn--bcher-kva.example>\r\n",
		"Sender: <s@xn--bcher-kva.example>\r\n", "\r\n\r\nx\r\n",
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
	for i := range len(raw) {
		if raw[i] >= 0x80 {
			t.Fatalf("not ASCII:\n%s", raw)
		}
	}
	m, err = message.Build(message.Spec{From: "ann@example.org", To: []string{"bob@example.org"}, ReplyTo: "jürgen@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.For(false); err == nil || !strings.Contains(err.Error(), "Reply-To") || !strings.Contains(err.Error(), "SMTPUTF8") {
		t.Errorf("got %v", err)
	}
	if m, _ = message.Build(message.Spec{From: "ann@bücher.example", To: []string{"bob@example.org"}}); !strings.HasSuffix(m.ID,
		"@xn--bcher-kva.example>") {
		t.Errorf("id %s", m.ID)
	}
}
