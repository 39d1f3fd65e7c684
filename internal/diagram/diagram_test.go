package diagram_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"smtpsh/internal/diagram"
	"smtpsh/transcript"
)

// records reads a log of JSON lines.
func records(t *testing.T, lines string) []transcript.Record {
	t.Helper()
	var out []transcript.Record
	for dec := json.NewDecoder(strings.NewReader(lines)); ; {
		var r transcript.Record
		switch err := dec.Decode(&r); {
		case errors.Is(err, io.EOF):
			return out
		case err != nil:
			t.Fatal(err)
		}
		out = append(out, r)
	}
}

func session(t *testing.T) []transcript.Record {
	t.Helper()
	b, err := os.ReadFile("testdata/session.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return records(t, string(b))
}

func TestText(t *testing.T) {
	var b strings.Builder
	d := diagram.New("a session", session(t))
	if err := d.Text(&b, diagram.TextOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/session.txt")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	for _, width := range []int{10, 60, 200} {
		b.Reset()
		if err := d.Text(&b, diagram.TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(b.String()) {
			if n := len([]rune(strings.TrimSuffix(l, "\n"))); n > max(60, width) {
				t.Errorf("width %d: %d columns: %s", width, n, l)
			}
		}
	}
	b.Reset()
	if err := d.Text(&b, diagram.TextOptions{Width: 80, Color: true}); err != nil || strings.Count(b.String(), "\x1b[1;32m") < 5 {
		t.Errorf("%v: no colour in\n%s", err, b.String())
	}
}

// The picture and the page are well-formed, load nothing from other places, and contain
// all parts.
func TestSVGAndHTMLAreSelfContained(t *testing.T) {
	d := diagram.New(`a <session> & "more"`, session(t))
	var svg, page strings.Builder
	if err := d.SVG(&svg); err != nil {
		t.Fatal(err)
	}
	if err := d.HTML(&page); err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(strings.NewReader(svg.String()))
	count := map[string]int{}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			count[e.Name.Local]++
			for _, a := range e.Attr {
				if a.Name.Local == "class" {
					count["."+a.Value]++
				}
			}
		}
	}
	for what, want := range map[string]int{".row": len(d.Rows), ".shade": 1, ".group": 1, ".lane": 2} {
		if count[what] != want {
			t.Errorf("%s: %d, want %d", what, count[what], want)
		}
	}
	if count["title"] < len(d.Rows) {
		t.Errorf("only %d explanations", count["title"])
	}
	for _, text := range []string{svg.String(), page.String()} {
		for _, not := range []string{"src=", "href=", "@import", "url(", "<session>", "\x1b", "secret"} {
			if strings.Contains(text, not) {
				t.Errorf("%q is in it", not)
			}
		}
		for _, want := range []string{
			"a &lt;session&gt; &amp;", "MAIL FROM:&lt;a@b&gt;",
			"commands that were sent together", `\x1b`, "encrypted with TLS", "largest message",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in it", want)
			}
		}
	}
	if !strings.HasPrefix(page.String(), "<!doctype html>") || !strings.Contains(page.String(), "prefers-color-scheme: dark") {
		t.Error("the page lacks its beginning or its colours")
	}
}

func TestAcceptsOddRecords(t *testing.T) {
	for _, lines := range []string{
		``,
		`{"event":"reply","code":250}`,
		`{"event":"line-received","data":"2"}` + "\n" + `{"event":"reply","code":0}`,
		`{"event":"line-received","base64":"%%%"}`,
		`{"event":"nobody-knows-this"}`,
	} {
		var b strings.Builder
		d := diagram.New("odd", records(t, lines))
		if err := d.Text(&b, diagram.TextOptions{}); err != nil {
			t.Errorf("%s: %v", lines, err)
		}
		if err := d.HTML(&b); err != nil {
			t.Errorf("%s: %v", lines, err)
		}
	}
}

func ExampleDiagram_Text() {
	line := "NOOP\r\n"
	d := diagram.New("short", []transcript.Record{{Event: "line-sent", Data: &line}})
	d.Text(os.Stdout, diagram.TextOptions{Width: 60}) //nolint:errcheck // standard output
	// Output:
	//           client                                      server
	//    0.000  │─ NOOP ────────────────────────────────────────>│
}
