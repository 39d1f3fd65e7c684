package luabind_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/lessonmod"
	"smtpsh/luabind/smtpmod"
)

func TestConsole(t *testing.T) {
	h := newHost(t)
	vm := luabind.New(h, luabind.Options{Library: all.Library(), Dir: h.dir})
	defer vm.Close()
	wrapped := smtpmod.NewSession(nil, nil)
	s, err := h.dialer.Dial(t.Context(), "sandbox:plain", func(o *engine.Options, _ *engine.Target) {
		o.Observer = event.Tee(o.Observer, wrapped.Observer())
	})
	if err != nil {
		t.Fatal(err)
	}
	wrapped.Session = s
	c := vm.Console()
	c.Set("s", wrapped)
	back := wrapped.Lend()
	for _, tt := range []struct{ src, want, fails string }{
		{src: "1 + 1", want: "2"},
		{src: `"a\r\n", {1, x = 2}`, want: `"a\r\n" {1, x = 2}`},
		{src: "s:ehlo('me').code", want: "250"},
		{src: "x = s:noop()", want: ""},
		{src: "x.code, s.closed", want: "250 false"},
		{src: "local y = 1; return y, nil", want: "1 nil"},
		{src: "other = smtp.connect('sandbox:plain')", want: ""},
		{src: "other:noop().code", want: "250"}, // the next piece can use what a piece opens
		{src: "s.transcript:text():find('NOOP') ~= nil", want: "true"},
		{src: "s:mial('a@b')", fails: "did you mean mail?"},
		{src: "y", fails: "undefined variable: y"},
		{src: "1 +", fails: "typed:1"},
		{src: "for", fails: "typed:1"},
		{src: "error('x')", fails: "x"},
	} {
		got, err := c.Eval(t.Context(), tt.src)
		if tt.fails != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%s: %v, want %q", tt.src, err, tt.fails)
			}
			continue
		}
		var texts []string
		for _, g := range got {
			texts = append(texts, g.Text)
		}
		if err != nil || strings.Join(texts, " ") != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.src, texts, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Eval(ctx, "while true do end"); err == nil {
		t.Error("an endless loop ended by itself")
	}
	if got, err := c.Eval(t.Context(), "other:noop()"); err != nil || len(got) != 1 || got[0].Value.(smtpmod.Reply).Code != 250 {
		t.Errorf("after a piece that was stopped: %v, %v", got, err)
	}
	for expr, want := range map[string]string{
		"s:no": "s:noop", "s.cap": "s.caps", "smtp.op": "smtp.open", "": "vars.",
		"string.": "string.rep",
	} {
		if got := c.Names(expr); !slices.Contains(got, want) {
			t.Errorf("names for %q lack %q: %q", expr, want, got)
		}
	}
	// a background task cannot use a session that is no longer lent
	if _, err := c.Eval(t.Context(),
		"t = smtp.spawn(function() while true do smtp.sleep(0.001) local ok, e = pcall(s.noop, s) if not ok then return tostring(e) end end "+
			"end)"); err != nil {
		t.Fatal(err)
	}
	back()
	if got, err := c.Eval(t.Context(), "t:wait()"); err != nil || len(got) != 1 || !strings.Contains(got[0].Text, "the prompt is "+
		"using this session") {
		t.Errorf("%v, %v", got, err)
	}
	if errs := c.Close(); len(errs) > 0 {
		t.Error(errs)
	}
	if s.Closed() {
		t.Error("the console closed a session that is not its own")
	}
	s.Close()
}

const tinyLesson = `lesson{title = "T", about = [[
    One
    two.

    Three.]], meaning = "m", steps = {
  {goal = "g", hints = {"h"}, play = "NOOP", wrong = "HELP", well = "w",
   done = function(at) return at.reply and at.reply.cmd == "NOOP" and at.s and #at.said == 1 end,
   remark = function(at) return #at.messages .. " messages" end},
  {goal = "q", hints = {"h"}, play = ":answer 42", answer = {"42", "forty-two"}},
}}`

func TestLesson(t *testing.T) {
	h := newHost(t)
	vm := luabind.New(h, luabind.Options{Library: all.Library(), Dir: h.dir})
	defer vm.Close()
	l, err := lessonmod.LoadLesson(t.Context(), vm, "l.lua", []byte(tinyLesson))
	if err != nil {
		t.Fatal(err)
	}
	if l.About != "One two.\n\nThree." || l.Server != "sandbox:plain" || len(l.Steps) != 2 || !l.Steps[1].Asks {
		t.Errorf("%+v", l)
	}
	s, err := h.dialer.Dial(t.Context(), "sandbox:plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	box, err := h.dialer.ServerOf("sandbox:plain")
	if err != nil {
		t.Fatal(err)
	}
	at := lessonmod.At{Session: smtpmod.NewSession(s, nil), Server: box, Line: "HELP", Said: []string{"HELP"}}
	if done, err := l.Done(t.Context(), l.Steps[0], at); done || err != nil {
		t.Errorf("%v, %v", done, err)
	}
	if remark, err := l.Remark(t.Context(), l.Steps[0], at); remark != "0 messages" || err != nil {
		t.Errorf("%q, %v", remark, err)
	}
	r, err := s.Noop(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	at.Replies = append(at.Replies, r)
	if done, err := l.Done(t.Context(), l.Steps[0], at); !done || err != nil {
		t.Errorf("%v, %v", done, err)
	}
	for answer, want := range map[string]bool{"42": true, " Forty-Two. ": true, "<42>": true, "43": false, "": false} {
		if done, err := l.Done(t.Context(), l.Steps[1], lessonmod.At{Answer: answer}); done != want || err != nil {
			t.Errorf("%q: %v, %v", answer, done, err)
		}
	}
}

func TestLessonMistakes(t *testing.T) {
	for src, want := range map[string]string{
		`x = 1`:                        "the file defines no lesson",
		tinyLesson + "\n" + tinyLesson: "defines 2 lessons",
		`lesson{title = "T"}`:          "is missing",
		`lesson{titel = "T"}`:          "did you mean title?",
		`lesson{title = "T", about = "a", meaning = "m", steps = {}}`:                                                  "steps must not be empty",
		`lesson{title = "T", about = "a", meaning = "m", steps = {1}}`:                                                 "step 1 must be a table",
		`lesson{title = "T", about = "a", meaning = "m", steps = {{goal = "g", hints = {}, play = "x"}}}`:              "hints must not be empty",
		`lesson{title = "T", about = "a", meaning = "m", steps = {{goal = "g", hints = {"h"}, play = "x"}}}`:           "done or answer is",
		`lesson{title = "T", about = "a", meaning = "m", steps = {{gaol = "g", hints = {"h"}, play = "x"}}}`:           "did you mean goal?",
		`lesson{title = "T", about = "a", meaning = "m", steps = {{goal = "g", hints = {"h"}, done = 1, play = "x"}}}`: "done must be",
	} {
		vm := luabind.New(newHost(t), luabind.Options{Library: all.Library()})
		if _, err := lessonmod.LoadLesson(t.Context(), vm, "l.lua", []byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
		vm.Close()
	}
}

func TestStopsEndlessLesson(t *testing.T) {
	vm := luabind.New(newHost(t), luabind.Options{Library: all.Library()})
	defer vm.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lessonmod.LoadLesson(ctx, vm, "l.lua", []byte(`while true do end`)); err == nil {
		t.Error("it ended by itself")
	}
}
