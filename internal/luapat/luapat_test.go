package luapat

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// show writes captures as "whole|first|second", positions as numbers.
func show(src string, caps []Capture) string {
	if caps == nil {
		return "nil"
	}
	var out []string
	for _, c := range caps {
		if c.Position {
			out = append(out, fmt.Sprint(c.From+1))
		} else {
			out = append(out, src[c.From:c.To])
		}
	}
	return strings.Join(out, "|")
}

func TestFind(t *testing.T) {
	for _, tt := range []struct{ src, pat, want string }{
		{"hello world", "o", "o"},
		{"hello", "l+", "ll"},
		{"hello", "^l", "nil"},
		{"hello", "^h.-l", "hel"},
		{"key = value", "^(%w+)%s*=%s*(%w+)$", "key = value|key|value"},
		{"abc", "()b()", "b|2|3"},
		{"f(a(b)c)d", "%b()", "(a(b)c)"},
		{"THE (quick) fox", "%f[%a]%a+", "THE"},
		{"x THE", "%f[%u]%u+%f[%z]", "THE"},
		{"aXb", "%l(%u)%l", "aXb|X"},
		{`say "it's"`, `(["'])(.-)%1`, `"it's"|"|it's`},
		{"a]b", "[]]", "]"},
		{"a-b", "[a%-]+", "a-"},
		{"a^b", "[b^]+", "^b"},
		{"x$y", "x$y", "x$y"},
		{"2.1.5", "%d%.%d%.%d", "2.1.5"},
		{"aaa", "a-$", "aaa"},
		{"aaa", "a?a?a?a?", "aaa"},
		{"", "", ""},
		{"\x00a", "%za", "\x00a"},
		{"\xff", "%a", "nil"},
		{"abc", "(a(b)c)", "abc|abc|b"},
		{"tab\there", "[^%s]+", "tab"},
		{"0x1F", "^0[xX](%x+)$", "0x1F|1F"},
	} {
		caps, err := Find(tt.src, tt.pat, 0, nil)
		if err != nil {
			t.Errorf("%q in %q: %v", tt.pat, tt.src, err)
		} else if got := show(tt.src, caps); got != tt.want {
			t.Errorf("%q in %q: %s, want %s", tt.pat, tt.src, got, tt.want)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	for pat, want := range map[string]string{
		"(a": "not closed", "a)": "closes nothing", "[a": "] is missing",
		"%": "ends with %", "%b(": "two characters", "%fa": "set", "%1": "not there",
		"[%": "] is missing", strings.Repeat("()", 40): "captures",
		strings.Repeat("a-", 300): "nested",
	} {
		if _, err := Find("aaa", pat, 0, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", pat, err, want)
		}
	}
}

// TestStops: a pattern that would run for years ends when it is stopped.
func TestStops(t *testing.T) {
	asked := 0
	stop := errors.New("enough")
	_, err := Find(strings.Repeat("a", 5000), strings.Repeat("a*", 12)+"b", 0, func() error {
		if asked++; asked == 10 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Fatalf("%v after %d questions", err, asked)
	}
}

func TestLongSubject(t *testing.T) {
	s := strings.Repeat("x", 4<<20) + "y"
	caps, err := Find(s, "(.*)y", 0, nil)
	if err != nil || caps == nil || caps[1].To != 4<<20 {
		t.Fatalf("%v %v", caps, err)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"%w+", "[^%]]", "(a)(b)", "%f[a]", "%b()", "a-b*c?", "^$", "%1", "[a-"} {
		f.Add("some (text) here", s)
	}
	f.Fuzz(func(t *testing.T, src, pat string) {
		n := 0
		caps, err := Find(src, pat, 0, func() error {
			if n++; n > 50 {
				return ErrStopped
			}
			return nil
		})
		for _, c := range caps {
			if err != nil || c.From < 0 || c.To < c.From || c.To > len(src) {
				t.Fatalf("%q in %q: %v %v", pat, src, caps, err)
			}
		}
	})
}
