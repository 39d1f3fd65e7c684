package message_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtpsh/internal/message"
)

func finished(t testing.TB, text string) *message.Finished {
	t.Helper()
	f, err := message.ReadFinished(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatalf("%.200q: %v", text, err)
	}
	return f
}

func TestNeedsOfFinishedMessages(t *testing.T) {
	long := strings.Repeat("x", 999)
	for _, tt := range []struct {
		text string
		want message.Needs
	}{
		{"A: b\r\n\r\nhello\r\n", message.Needs{Size: 15}},
		{"A: b\n\nhello\n", message.Needs{Size: 15}},
		{"A: b\r\rhello\r", message.Needs{Size: 15}},
		{"A: b\n\nhello", message.Needs{Size: 15}},
		{"A: b\n\nhello\r", message.Needs{Size: 15}},
		{"A: b\n", message.Needs{Size: 6}},
		{"A: b\n\ngrün\n", message.Needs{Size: 15, EightBit: true}},
		{"A: ü\n\nx\n", message.Needs{Size: 12, HeaderUTF8: true}},
		{"A: b\n\n" + long + "\n", message.Needs{Size: 8 + 999 + 2, LongLine: 3, LongLength: 999}},
		{"A: b\n\n" + long[1:] + "\n", message.Needs{Size: 8 + 998 + 2}},
		{"A: " + long + "\n\n", message.Needs{Size: 3 + 999 + 4, LongLine: 1, LongLength: 1002}},
		{"A: b\n\nx\n" + strings.Repeat(long, 200) + "y\n", message.Needs{Size: 8 + 3 + 999*200 + 3, LongLine: 4, LongLength: 999*200 + 1}},
		{"A: b\n\nx\x00y\n", message.Needs{Size: 13, NUL: 3}},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\nX: ü\n\ny\n--b--\n",
			message.Needs{Size: 43 + 2 + 5 + 7 + 2 + 3 + 7, HeaderUTF8: true}},
	} {
		if got := finished(t, tt.text).Needs(); got != tt.want {
			t.Errorf("%.60q: %+v, want %+v", tt.text, got, tt.want)
		}
	}
	for text, want := range map[string]string{
		"":                                "has no header",
		"\nhello\n":                       "has no header",
		"hello\n\nworld\n":                "line 1 is not a header field",
		"From ann@x Mon\nA: b\n\n":        "mbox",
		"A: b\nworld\n":                   "line 2 is not a header field",
		strings.Repeat("A: b\n", 300_000): "more than 1048576 bytes",
		"A: b\n" + strings.Repeat(" x\n", 600000): "more than 1048576 bytes",
	} {
		if _, err := message.ReadFinished(strings.NewReader(text), int64(len(text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

func TestEnvelopeOfFinishedMessages(t *testing.T) {
	for _, tt := range []struct{ head, from, to string }{
		{"From: Ann <ann@x>\nTo: bob@x, Carol <carol@x>\nCc: dan@x\nBcc: eve@x\n", "ann@x", "bob@x carol@x dan@x eve@x"},
		{"From: ann@x, bea@x\nSender: sec@x\nTo: bob@x,\n bob@x\n", "sec@x", "bob@x"},
		{"From: ann@x\nTo: undisclosed-recipients:;\nBcc: bob@x\n", "ann@x", "bob@x"},
		{"From: ann@x\nTo: team: bob@x, carol@x;\n", "ann@x", "bob@x carol@x"},
		{"Resent-From: new@x\nResent-To: target@x\nFrom: ann@x\nTo: bob@x\n", "new@x", "target@x"},
		{"Resent-From: new@x\nResent-To: one@x\nResent-From: old@x\nResent-To: two@x\nFrom: ann@x\nTo: bob@x\n", "new@x", "one@x"},
		{"Subject: nothing\n", "", ""},
		{"From: \"a b\"@x\nTo: <bob@bücher.example>\n", `"a b"@x`, "bob@bücher.example"},
	} {
		f := finished(t, tt.head+"\nhello\n")
		from, err := f.Sender()
		to, rerr := f.Recipients()
		if err != nil || rerr != nil || from != tt.from || strings.Join(to, " ") != tt.to {
			t.Errorf("%q: %q, %q, %v, %v", tt.head, from, to, err, rerr)
		}
	}
	if _, err := finished(t, "To: a b c\n\n").Recipients(); err == nil || !strings.Contains(err.Error(), "line 1: To") {
		t.Errorf("a wrong mailbox: %v", err)
	}
}

func TestEdit(t *testing.T) {
	f := finished(t, "From: ann@x\nBcc: eve@x,\n mallory@x\nSubject: hi\n\n.body\n")
	added, err := f.Missing("ann@x", time.Date(2026, 11, 27, 1, 2, 3, 0, time.UTC))
	if err != nil || len(added) != 2 {
		t.Fatal(added, err)
	}
	added[1].Value = "<id@x>"
	f, err = f.Edit([]string{"bcc"}, added...)
	if err != nil {
		t.Fatal(err)
	}
	want := "Date: Fri, 27 Nov 2026 01:02:03 +0000\r\nMessage-ID: <id@x>\r\nFrom: ann@x\r\nSubject: hi\r\n\r\n.body\n"
	if got := contentOf(t, f); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if added, _ := f.Missing("ann@x", time.Now()); len(added) != 0 {
		t.Errorf("%v is missing", added)
	}
	if _, err := f.Edit(nil, message.Field{Name: "A", Value: "b\r\nBcc: x"}); err == nil {
		t.Error("a value with a line break was accepted")
	}
}

func contentOf(t testing.TB, f *message.Finished) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(f.Reader()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestReencode: "|" stands for a line end.
func TestReencode(t *testing.T) {
	none, both := message.Accepts{}, message.Accepts{UTF8: true, EightBit: true}
	eight := message.Accepts{EightBit: true}
	long := strings.Repeat("word ", 250)
	for _, tt := range []struct {
		name, text string
		to         message.Accepts
		want       string // the error after "!"
	}{
		{"nothing to do", "A: b||hello|", none, "A: b||hello|"},
		{"a UTF-8 text without MIME", "A: b||grün|", none,
			"MIME-Version: 1.0|A: b|Content-Type: text/plain; charset=utf-8|Content-Transfer-Encoding: quoted-printable||gr=C3=BCn|"},
		{"a Latin-1 text without MIME", "A: b||gr\xfcn|", none, "!not UTF-8, and no Content-Type names its character set"},
		{"a Latin-1 text", "MIME-Version: 1.0|Content-Type: text/plain; charset=iso-8859-1|Content-Transfer-Encoding: 8bit||gr\xfcn|", none,
			"MIME-Version: 1.0|Content-Type: text/plain; charset=iso-8859-1|Content-Transfer-Encoding: quoted-printable||gr=FCn|"},
		{"8BITMIME is offered", "A: b||grün|", eight, "A: b||grün|"},
		{"a subject", "Subject: grün|From: ann@x||x|", eight, "Subject: =?utf-8?q?gr=C3=BCn?=|From: ann@x||x|"},
		{"a subject with an encoded word", "Subject: =?iso-8859-1?q?gr=FCn?= und grün||x|", eight,
			"Subject: =?utf-8?q?gr=C3=BCn_und_gr=C3=BCn?=||x|"},
		{"SMTPUTF8 is offered", "Subject: grün||grün|", both, "Subject: grün||grün|"},
		{"mailboxes", "To: Grün <bob@bücher.example>, carol@x||x|", none, "To: =?utf-8?q?Gr=C3=BCn?= <bob@xn--bcher-kva.example>, <carol@x>||x|"},
		{"a local part", "To: grün@x||x|", none, `!"grün@x" is not ASCII`},
		{"a group", "To: grün: bob@x;||x|", none, "!group"},
		{"a structured field", "References: <ü@x>||x|", none, "!allows no encoded words"},
		{"a field that is not UTF-8", "Subject: gr\xfcn||x|", none, "!line 1: Subject has bytes above 127 that are not UTF-8"},
		{"a file name", "Content-Type: text/plain; name=\"grün.txt\"||x|", none,
			"Content-Type: text/plain; name=\"gr_n.txt\"; name*=utf-8''gr%C3%BCn.txt||x|"},
		{"one part of two",
			"Content-Type: multipart/mixed; boundary=b|Content-Transfer-Encoding: 8bit||pre|--b|Content-Type: text/html||grün|--b|" +
				"Content-Type: image/x||\xff\xfe|--b||plain|--b--|epi|", none,
			"MIME-Version: 1.0|Content-Type: multipart/mixed; boundary=b|Content-Transfer-Encoding: 7bit||pre|--b|Content-Type: text/html|" +
				"Content-Transfer-Encoding: quoted-printable||gr=C3=BCn|--b|Content-Type: image/x|Content-Transfer-Encoding: base64||//4=|--b||" +
				"plain|--b--|epi|"},
		{"an attached message", "Content-Type: message/rfc822||Subject: grün||grün|", none,
			"Content-Type: message/rfc822||Subject: =?utf-8?q?gr=C3=BCn?=|Content-Type: text/plain; charset=utf-8|" +
				"Content-Transfer-Encoding: quoted-printable||gr=C3=BCn|"},
		{"nested multiparts",
			"Content-Type: multipart/mixed; boundary=a||--a|Content-Type: multipart/alternative; boundary=ab||--ab||ü|--ab--|--a--|",
			none, "Content-Type: multipart/mixed; boundary=a||--a|Content-Type: multipart/alternative; boundary=ab||--ab|" +
				"Content-Type: text/plain; charset=utf-8|Content-Transfer-Encoding: quoted-printable||=C3=BC|--ab--|--a--|"},
		{"an outer delimiter ends inner parts",
			"Content-Type: multipart/mixed; boundary=a||--a|Content-Type: multipart/alternative; boundary=b||--b||ü|" +
				"--a||x|--a--|", none, "Content-Type: multipart/mixed; boundary=a||--a|Content-Type: multipart/alternative; boundary=b||--b|" +
				"Content-Type: text/plain; charset=utf-8|Content-Transfer-Encoding: quoted-printable||=C3=BC|--a||x|--a--|"},
		{"a signed part", "Content-Type: multipart/signed; boundary=b||--b||grün|--b|Content-Type: application/pgp-signature||x|--b--|", none,
			"!its signature would then be invalid"},
		{"a signed part that fits",
			"Subject: ü|Content-Type: multipart/signed; boundary=b||--b||x|--b|Content-Type: application/pgp-signature||x|--b--|",
			none,
			"Subject: =?utf-8?b?w7w=?=|Content-Type: multipart/signed; boundary=b||--b||x|--b|Content-Type: application/pgp-signature||x|--b--|"},
		{"text outside of the parts", "Content-Type: multipart/mixed; boundary=b||grün|--b||x|--b--|", none, "!between the parts"},
		{"a long line", "A: b||" + long + "|", none,
			"MIME-Version: 1.0|A: b|Content-Transfer-Encoding: quoted-printable||" + softened(long) + "|"},
		{"a long subject", "Subject: " + long + "|||", both, "Subject:" + folded(" "+strings.TrimSpace(long)) + "|||"},
		{"a long field without spaces", "References: <" + strings.Repeat("x", 1000) + "@x>||x|", none, "!cannot be folded"},
		{"base64 in one line", "Content-Type: image/x|Content-Transfer-Encoding: base64||" + strings.Repeat("QUJD", 300) + "|", none,
			"MIME-Version: 1.0|Content-Type: image/x|Content-Transfer-Encoding: base64||" + strings.Join(split(strings.Repeat("QUJD", 300), 76),
				"|")},
		{"an unknown encoding", "Content-Transfer-Encoding: x-uuencode||grün|", none, "!unknown Content-Transfer-Encoding"},
		{"a delivery report", "Content-Type: message/delivery-status||grün|", none, "!no encoding is allowed"},
		{"a part whose header is wrong", "Content-Type: multipart/mixed; boundary=b||--b|wrong|A: ü||x|--b--|", none,
			"!line 4 is not a header field"},
	} {
		var b bytes.Buffer
		err := finished(t, strings.ReplaceAll(tt.text, "|", "\r\n")).Reencode(&b, tt.to)
		got := strings.ReplaceAll(b.String(), "\r\n", "|")
		if want, fails := strings.CutPrefix(tt.want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", tt.name, err, want)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", tt.name, err, got, tt.want)
			continue
		}
		if again := finished(t, b.String()); !again.Fits(tt.to) {
			t.Errorf("%s: the result does not fit: %+v", tt.name, again.Needs())
		}
	}
}

// softened is a text in quoted-printable, in lines of 76 bytes.
func softened(s string) string {
	s = s[:len(s)-1] + "=20" // the space before the line end
	var lines []string
	for len(s) > 76 {
		lines = append(lines, s[:75]+"=")
		s = s[75:]
	}
	return strings.Join(append(lines, s), "|")
}

// folded is a value in lines of at most 78 bytes.
func folded(s string) string {
	var b strings.Builder
	column := len("Subject:")
	for w := range strings.SplitAfterSeq(strings.TrimPrefix(s, " "), " ") {
		w = strings.TrimSuffix(w, " ")
		if column+1+len(w) > 78 {
			b.WriteString("|")
			column = 0
		}
		b.WriteString(" " + w)
		column += 1 + len(w)
	}
	return b.String()
}

func split(s string, n int) []string {
	var out []string
	for len(s) > n {
		out, s = append(out, s[:n]), s[n:]
	}
	return append(out, s)
}

// TestComposedMessagesAreFinished: what Compose writes is read back with the same envelope,
// and an attachment is read from its source.
func TestComposedMessagesAreFinished(t *testing.T) {
	data := strings.Repeat("\xff", 100_000)
	var b bytes.Buffer
	m, err := message.Compose(&b, message.Spec{
		From: "Ann <ann@bücher.example>", To: []string{"bob@x"}, Bcc: []string{"eve@x"}, Subject: "grün", Text: "grün\n",
		Attachments: []message.Attachment{{Name: "a.bin", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(data)),
				nil
		}}},
	})
	if err != nil || fmt.Sprint(m.Rcpts) != "[bob@x eve@x]" || m.Bytes != nil {
		t.Fatal(m, err)
	}
	f := finished(t, b.String())
	if to, err := f.Recipients(); err != nil || fmt.Sprint(to) != "[bob@x]" {
		t.Errorf("%v %v", to, err)
	}
	var plain bytes.Buffer
	if err := f.Reencode(&plain, message.Accepts{}); err != nil {
		t.Fatal(err)
	}
	p, err := message.Parse(plain.Bytes())
	if err != nil || len(p.Defects) > 0 || len(p.Attachments) != 1 || string(p.Attachments[0].Data) != data || p.Get("Subject") != "grün" {
		t.Errorf("%v %v", p, err)
	}
}

// FuzzReencode: the result of every message that can be encoded fits, and Needs are those
// of the text as it is sent.
func FuzzReencode(f *testing.F) {
	for _, s := range []string{
		"A: b\n\nhello\n", "Subject: grün\n\ngrün\n", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nü\n--b--\n",
		"Content-Type: message/rfc822\n\nA: ü\n\nx", "A: b\r\rx\ry", "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nü\n",
		"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: ü\n\nx\n--b--\n",
	} {
		f.Add([]byte(s), false, false)
	}
	f.Fuzz(func(t *testing.T, text []byte, utf8, eight bool) {
		m, err := message.ReadFinished(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return
		}
		var b bytes.Buffer
		to := message.Accepts{UTF8: utf8, EightBit: eight}
		if m.Reencode(&b, to) != nil {
			return
		}
		again, err := message.ReadFinished(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil || !again.Fits(to) {
			t.Errorf("%q became %q: %v", text, b.Bytes(), err)
		}
	})
}

// A message whose file becomes shorter is an error, not a shorter message.
func TestFileThatIsCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.eml")
	text := "Subject: x\r\n\r\n" + strings.Repeat("line\r\n", 100_000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f, err := message.ReadFinished(file, int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, f.Reader()); err != nil || n != int64(len(text)) {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, f.Reader()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, want %v", err, io.ErrUnexpectedEOF)
	}
}
