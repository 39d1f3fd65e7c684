package lessons_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/dialer"
	"smtpsh/internal/lessons"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
	"smtpsh/luabind/lessonmod"
)

// host implements the luabind host that the Lua of a lesson uses.
type host struct{ d *dialer.Dialer }

func (h *host) Print(string)                                         {}
func (h *host) Var(string) (string, bool)                            { return "", false }
func (h *host) Secret(context.Context, string) (string, bool, error) { return "", false, nil }
func (h *host) Getenv(string) string                                 { return "" }
func (h *host) Sandbox(t string) (*sandbox.Server, error)            { return h.d.ServerOf(t) }
func (h *host) Server() string                                       { return "" }
func (h *host) Options() engine.Options                              { return h.d.Options }
func (h *host) Target() string                                       { return h.d.Resolve("") }
func (h *host) Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error) {
	return h.d.Dial(ctx, target, change)
}

func school(t *testing.T, file string) *lessons.School {
	t.Helper()
	p, err := lessons.OpenProgress(file)
	if err != nil {
		t.Fatal(err)
	}
	d := &dialer.Dialer{}
	t.Cleanup(d.Close)
	return &lessons.School{Progress: p, VM: func(dir string) *luabind.VM {
		return luabind.New(&host{d}, luabind.Options{Library: all.Library(), Dir: dir})
	}}
}

func TestProgressIsStored(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "lessons.json")
	one, other := school(t, file), school(t, file)
	if one.Next(0) != "first-hello" || !strings.Contains(one.List(), "0 of 17 finished") {
		t.Errorf("%s\n%s", one.Next(0), one.List())
	}
	// two prompts that write the same file lose no progress
	if err := one.Progress.Keep("first-hello", 3, 3, 2*time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := other.Progress.Keep("starttls", 4, 4, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := other.Progress.Keep("reply-codes", 2, 4, time.Minute); err != nil {
		t.Fatal(err)
	}
	again := school(t, file)
	if !again.Progress.Done("first-hello") || !again.Progress.Done("starttls") || again.Progress.Done("pipelining") ||
		again.Progress.Done("reply-codes") {
		t.Error(again.List())
	}
	if r := again.Progress.Record("first-hello"); r.Steps != 3 || r.Of != 3 || r.Seconds != 120 || !r.Finished.After(r.Begun) {
		t.Errorf("%+v", r)
	}
	if again.Next(0) != "envelope-and-letter" || again.Next(8) != "auth-through-base64" || again.Next(17) != "envelope-and-letter" {
		t.Error(again.Next(0), again.Next(8), again.Next(17))
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	// a later attempt with fewer steps changes nothing
	record := again.Progress.Record("first-hello")
	if err := again.Progress.Keep("first-hello", 1, 3, time.Hour); err != nil || again.Progress.Record("first-hello") != record {
		t.Errorf("%v, %+v", err, again.Progress.Record("first-hello"))
	}
	// a reset is not undone by a prompt that was opened before it
	if err := again.Progress.Reset("starttls"); err != nil || school(t, file).Progress.Done("starttls") ||
		!school(t, file).Progress.Done("first-hello") {
		t.Errorf("after a reset of one: %v", err)
	}
	if err := again.Progress.Reset(""); err != nil || school(t, file).Progress.Done("first-hello") {
		t.Errorf("after a reset: %v", err)
	}
	if err := one.Progress.Keep("pipelining", 3, 3, 0); err != nil || school(t, file).Progress.Done("first-hello") ||
		!school(t, file).Progress.Done("pipelining") {
		t.Errorf("a reset lesson is stored again: %v", err)
	}
	// the file of earlier versions
	if err := os.WriteFile(file, []byte(`{"first-hello": "2026-10-01", "starttls": ""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if old := school(t, file); !old.Progress.Done("first-hello") || old.Progress.Done("starttls") ||
		old.Progress.Keep("pipelining", 3, 3, 0) != nil || !school(t, file).Progress.Done("first-hello") {
		t.Error("the file of earlier versions is not read")
	}
	// a file that cannot be read is never overwritten
	open := school(t, file)
	if err := os.WriteFile(file, []byte("{broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lessons.OpenProgress(file); err == nil || !strings.Contains(err.Error(), "lessons.json") {
		t.Errorf("%v", err)
	}
	for _, err := range []error{open.Progress.Keep("pipelining", 3, 3, 0), open.Progress.Reset("")} {
		if b, rerr := os.ReadFile(file); err == nil || string(b) != "{broken" {
			t.Errorf("%v, %q, %v", err, b, rerr)
		}
	}
}

func TestOpenFindsLessonsAndRejectsOtherFiles(t *testing.T) {
	s := school(t, "")
	dir := t.TempDir()
	big := filepath.Join(dir, "big.lua")
	if err := os.WriteFile(big, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"3", "reply-codes", "REPLY-CODES"} {
		c, err := s.Open(t.Context(), name)
		if err != nil || c.Title() != "Lesson 3: Reply codes" || c.Finished() || c.Goal() == "" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.Close()
	}
	for name, want := range map[string]string{
		"99": "lesson not found", "nothing.lua": "lesson not found", dir: "is a directory",
		"/dev/zero": "not a regular file", big: "probably not a lesson file",
	} {
		if _, err := s.Open(t.Context(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if _, err := s.Open(t.Context(), "nothing.lua"); !errors.Is(err, lessons.ErrNoLesson) {
		t.Error(err)
	}
}

func TestHintRepeatsTheLastAndSkipEndsTheLesson(t *testing.T) {
	c, err := school(t, "").Open(t.Context(), "first-hello")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	first, second, third := c.Hint(), c.Hint(), c.Hint()
	if first == second || second != third || !strings.Contains(second, "last hint") || strings.Contains(first, "last hint") {
		t.Errorf("%q, %q, %q", first, second, third)
	}
	for range c.Lesson.Steps {
		c.Skip()
	}
	if !c.Finished() || c.Goal() != "" || c.Hint() != "" {
		t.Error("skipping all steps does not end the lesson")
	}
	if v, err := c.Check(t.Context(), lessonmod.At{Line: "NOOP"}, nil); err != nil || v.Reached {
		t.Errorf("after the end: %+v, %v", v, err)
	}
}

// OpenProgress returns an error at once and does not block on a device.
func TestOpenProgressRejectsNonRegularFiles(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{os.DevNull: "not a regular file", t.TempDir(): "is a directory", large: "larger than"} {
		if _, err := lessons.OpenProgress(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
