package lessonmod

import (
	"context"
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/luabind"
	"smtpsh/transcript"
)

// Lesson is a lesson as its file defines it.
type Lesson struct {
	File    string
	Title   string
	About   string // text before the first step
	Server  string // target to connect to
	Meaning string // closing text after the last step
	Steps   []*Step

	vm    *luabind.VM
	setup *lua.LFunction
}

// Step is one step of a lesson.
type Step struct {
	Goal  string
	Hints []string
	Well  string // shown when the goal is reached
	Play  string // lines that reach the goal
	Wrong string // lines that do not reach it
	Asks  bool   // the goal is a question that the learner answers with :answer

	answers []string
	exact   bool // the answer is case-sensitive
	done    *lua.LFunction
	remark  *lua.LFunction
}

// lessonState collects the lessons that a file defines while a VM reads it.
type lessonState struct {
	found   []*Lesson
	reading bool
}

// LoadLesson runs a lesson file and returns its lesson. It returns a
// [*luabind.ScriptError] if the file fails or does not define exactly one lesson, and a
// [*luabind.MemoryError] if it uses too much memory.
func LoadLesson(ctx context.Context, vm *luabind.VM, file string, src []byte) (*Lesson, error) {
	vm.Lock()
	defer vm.Unlock()
	state := luabind.State[*lessonState](vm)
	state.found, state.reading = nil, true
	defer func() { state.reading = false }()
	ctx, cancel := context.WithTimeoutCause(ctx, checkTime, errCheck)
	defer cancel()
	ctx, freed := luabind.WatchMemory(ctx, vm.Options().Limits.Memory, vm.Options().Limits.Beyond)
	defer freed()
	defer vm.Heed(ctx)()
	if err := vm.Execute(vm.Root().In(ctx), file, src, nil); err != nil {
		if full := new(luabind.MemoryError); errors.As(context.Cause(ctx), &full) {
			return nil, full
		}
		return nil, err
	}
	found := state.found
	switch len(found) {
	case 0:
		return nil, &luabind.ScriptError{Name: file, Message: "the file defines no lesson: it must call lesson{title = ..., steps = {...}}"}
	case 1:
		found[0].File = file
		return found[0], nil
	}
	return nil, &luabind.ScriptError{Name: file, Message: "the file defines " + fmt.Sprint(len(found)) + " lessons; a file must define one"}
}

func readLesson(vm *luabind.VM, t *lua.LTable) (*Lesson, error) {
	text := func(name string) string { return paragraph(t.RawGetString(name)) }
	l := &Lesson{vm: vm, Title: text("title"), About: text("about"), Meaning: text("meaning"), Server: text("server")}
	if err := required("lesson", t, lessonOpts.Keys); err != nil {
		return nil, err
	}
	if l.Server == "" {
		l.Server = "sandbox:plain"
	}
	l.setup, _ = t.RawGetString("setup").(*lua.LFunction)
	steps := t.RawGetString("steps").(*lua.LTable)
	for i := 1; i <= steps.Len(); i++ {
		st, ok := steps.RawGetInt(i).(*lua.LTable)
		where := fmt.Sprintf("step %d", i)
		if !ok {
			return nil, luabind.UsageError("lesson: %s must be a table, got %s", where, luabind.TypeName(steps.RawGetInt(i)))
		}
		step, err := readStep(vm, where, st)
		if err != nil {
			return nil, err
		}
		l.Steps = append(l.Steps, step)
	}
	if len(l.Steps) == 0 {
		return nil, luabind.UsageError("lesson: steps must not be empty")
	}
	return l, nil
}

func readStep(vm *luabind.VM, where string, t *lua.LTable) (*Step, error) {
	if err := vm.Library().CheckKeys(where, stepOpts.Name, t); err != nil {
		return nil, err
	}
	if err := required(where, t, stepOpts.Keys); err != nil {
		return nil, err
	}
	text := func(name string) string { return paragraph(t.RawGetString(name)) }
	s := &Step{Goal: text("goal"), Well: text("well"), Play: lines(t.RawGetString("play")), Wrong: lines(t.RawGetString("wrong"))}
	for _, h := range list(t.RawGetString("hints")) {
		s.Hints = append(s.Hints, paragraph(lua.LString(h)))
	}
	s.done, _ = t.RawGetString("done").(*lua.LFunction)
	s.remark, _ = t.RawGetString("remark").(*lua.LFunction)
	s.answers = list(t.RawGetString("answer"))
	s.Asks = len(s.answers) > 0
	s.exact = lua.LVAsBool(t.RawGetString("exact"))
	switch {
	case len(s.Hints) == 0:
		return nil, luabind.UsageError("%s: hints must not be empty", where)
	case s.done != nil && s.Asks:
		return nil, luabind.UsageError("%s: done and answer exclude each other", where)
	case s.exact && !s.Asks:
		return nil, luabind.UsageError("%s: exact requires answer", where)
	case s.done == nil && !s.Asks:
		return nil, luabind.UsageError("%s: done or answer is missing", where)
	}
	return s, nil
}

// required returns an error for the first required key that is missing.
func required(where string, t *lua.LTable, keys []luabind.Param) error {
	for _, k := range keys {
		if !k.Optional && t.RawGetString(k.Name) == lua.LNil {
			return luabind.UsageError("%s: %s is missing: %s", where, k.Name, strings.TrimSuffix(k.Doc, "."))
		}
	}
	return nil
}

// paragraph joins the lines of an indented text. Blank lines separate paragraphs. Control
// characters are escaped, because a lesson file may come from an unknown author.
func paragraph(v lua.LValue) string {
	var parts []string
	for p := range strings.SplitSeq(lines(v), "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			parts = append(parts, transcript.Escape(p)) //mutant:texts-of-lessons-are-escaped is "(p)" "Text(p)[:0]+p"
		}
	}
	return strings.Join(parts, "\n\n")
}

// lines removes the indentation of a text.
func lines(v lua.LValue) string {
	s, ok := v.(lua.LString)
	if !ok {
		return ""
	}
	all := strings.Split(string(s), "\n")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return strings.Trim(strings.Join(all, "\n"), "\n")
}

func list(v lua.LValue) []string {
	var out []string
	switch v := v.(type) {
	case lua.LString:
		out = append(out, string(v))
	case *lua.LTable:
		for i := 1; i <= v.Len(); i++ {
			out = append(out, lua.LVAsString(v.RawGetInt(i)))
		}
	}
	return out
}
