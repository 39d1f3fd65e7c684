package reply_test

import (
	"strings"
	"testing"

	"smtpsh/engine/reply"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, raw string
		code      int
		enhanced  string
		text      string
		defects   []reply.DefectKind
	}{
		{"plain", "250 ok\r\n", 250, "", "ok", nil},
		{"bare code", "250\r\n", 250, "", "", nil},
		{"enhanced", "550 5.7.1 no relay\r\n", 550, "5.7.1", "no relay", nil},
		{"enhanced on every line", "250-2.1.0 one\r\n250 2.1.0 two\r\n", 250, "2.1.0", "one\ntwo", nil},
		{"Gmail's extra space", "535-5.7.8 Not accepted.\r\n535 5.7.8  https://x id - gsmtp\r\n", 535, "5.7.8", "Not accepted.\n https://x id - gsmtp", nil},
		{"class must agree", "250 5.1.1 is a version\r\n", 250, "", "5.1.1 is a version", nil},
		{"not an enhanced code", "250 2.1.0x\r\n", 250, "", "2.1.0x", nil},
		{"leading zero", "550 5.07.1 x\r\n", 550, "", "5.07.1 x", nil},
		{"bare LF", "250 ok\n", 250, "", "ok", []reply.DefectKind{reply.BareLF}},
		{"a refusal first, then consent", "550-a\r\n250 b\r\n", 550, "", "a\nb", []reply.DefectKind{reply.MixedCodes}},
		{"mixed codes", "250-a\r\n550 b\r\n", 550, "", "a\nb", []reply.DefectKind{reply.MixedCodes}},
		{"no last line", "250-a\r\n", 250, "", "a", []reply.DefectKind{reply.NoLastLine}},
		{"cut", "250 a", 250, "", "a", []reply.DefectKind{reply.NoEnding}},
		{"control and 8-bit", "250 \x1b[2J\xff\r\n", 250, "", "\x1b[2J\xff", []reply.DefectKind{reply.EightBit, reply.ControlBytes}},
		{"bare CR", "250 a\rb\r\n", 250, "", "a\rb", []reply.DefectKind{reply.BareCR}},
		{"strange code", "999 x\r\n", 999, "", "x", []reply.DefectKind{reply.CodeRange}},
		{"long line", "250 " + strings.Repeat("x", 600) + "\r\n", 250, "", strings.Repeat("x", 600), []reply.DefectKind{reply.LongLine}},
		{"no code at all", "hello\r\n", 0, "", "hello", []reply.DefectKind{reply.NoCode}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := reply.Parse([]byte(tt.raw))
			if r.Code != tt.code || r.Enhanced.String() != tt.enhanced || r.Text() != tt.text || r.Raw != tt.raw {
				t.Errorf("got %d %q %q, want %d %q %q", r.Code, r.Enhanced, r.Text(), tt.code, tt.enhanced, tt.text)
			}
			var kinds []reply.DefectKind
			for _, d := range r.Defects {
				kinds = append(kinds, d.Kind)
			}
			if len(kinds) != len(tt.defects) {
				t.Fatalf("defects %v, want %v", kinds, tt.defects)
			}
			for i := range kinds {
				if kinds[i] != tt.defects[i] {
					t.Fatalf("defects %v, want %v", kinds, tt.defects)
				}
			}
		})
	}
}

// A defect names the first line that has it.
func TestDefectsNameTheirLine(t *testing.T) {
	for raw, line := range map[string]int{
		"250-a\r\n250-b\rc\r\n250 d\r\n": 2, "250-a\r\n250-b\r\n250 d\n": 3, "250-\xff\r\n250-\xff\r\n250 d\r\n": 1,
		"250-a\r\n250-\x1b\r\n250 d\r\n": 2, "250-a\r\n250 " + strings.Repeat("x", 600) + "\r\n": 2, "250-a\r\n251 b\r\n": 2,
		"250-a\r\n250-b\r\n": 2, "250-a\r\n250 b": 2, "250-a\r\nnothing\r\n": 2,
	} {
		r := reply.Parse([]byte(raw))
		if len(r.Defects) != 1 || r.Defects[0].Line != line {
			t.Errorf("%q: %+v, want one in line %d", raw, r.Defects, line)
		}
	}
}

func TestWant(t *testing.T) {
	refused := reply.Parse([]byte("550 5.7.1 relaying denied\r\n"))
	for want, match := range map[string]bool{
		"550": true, "5xx": true, "55x": true, "250|550": true, "5.7.*": true, "5.7": true, "*.7.1": true, "550 5.7.1": true,
		"250": false, "2xx": false, "4.7.1": false, "550 5.1.1": false, "5.7.10": false,
	} {
		w, err := reply.ParseWant(want)
		if err != nil {
			t.Errorf("%q: %v", want, err)
		} else if w.Match(refused) != match {
			t.Errorf("%q matches %v, want %v", want, !match, match)
		}
	}
	for _, bad := range []string{"", "ok", "25", "2500", "650", "250 251", "5.7.1 5.7.2", "250 ok"} {
		if w, err := reply.ParseWant(bad); err == nil {
			t.Errorf("%q was accepted as %v", bad, w)
		}
	}
}

func TestDefectsHaveTextAndRule(t *testing.T) {
	kinds := reply.DefectKinds()
	if len(kinds) == 0 {
		t.Fatal("no kinds of defect")
	}
	for _, k := range kinds {
		if k.String() == "" || !strings.HasPrefix(k.RFC(), "RFC ") {
			t.Errorf("defect %d: text %q, rule %q", k, k, k.RFC())
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"250 ok\r\n", "250-a\r\n550 5.1.1 b\r\n", "", "\n\n", "250", "250-\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := reply.Parse(raw)
		if r.Raw != string(raw) {
			t.Fatal("raw bytes were changed")
		}
		_, _, _ = r.Text(), r.Lines(), r.String()
	})
}
