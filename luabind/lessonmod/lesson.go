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

// Lesson is what a lesson file defines.
type Lesson struct {
	File    string
	Title   string
	About   string // what it is about, before the first step
	Server  string // the target that it is run on
	Meaning string // what it means in the real world, after the last step
	Steps   []*Step

	vm    *luabind.VM
	setup *lua.LFunction
}

// Step is one thing to achieve.
type Step struct {
	Goal  string
	Hints []string
	Well  string // said when it was achieved
	Play  string // lines that achieve it
	Wrong string // lines that do not
	Asks  bool   // the goal is a question, to be answered with :answer

	answers []string
	exact   bool // capital and small letters of the answer count
	done    *lua.LFunction
	remark  *lua.LFunction
}

// lessonState is what a VM has found in the file that it reads.
type lessonState struct {
	found   []*Lesson
	reading bool
}

// LoadLesson runs a lesson file. The error is a [*ScriptError], or says that the
// file has no lesson or several.
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
		return nil, &luabind.ScriptError{Name: file, Message: "there is no lesson in it: a file says lesson{title = ..., steps = {...}}"}
	case 1:
		found[0].File = file
		return found[0], nil
	}
	return nil, &luabind.ScriptError{Name: file, Message: "a file has one lesson, this one has " + fmt.Sprint(len(found))}
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
		return nil, luabind.UsageError("lesson: it has no steps")
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
		return nil, luabind.UsageError("%s: it has no hints", where)
	case s.done != nil && s.Asks:
		return nil, luabind.UsageError("%s: it has both done and answer; one of them says when the goal is reached", where)
	case s.exact && !s.Asks:
		return nil, luabind.UsageError("%s: exact is about answer, and it has none", where)
	case s.done == nil && !s.Asks:
		return nil, luabind.UsageError("%s: either done or answer says when the goal is reached", where)
	}
	return s, nil
}

// required finds a key that is missing.
func required(where string, t *lua.LTable, keys []luabind.Param) error {
	for _, k := range keys {
		if !k.Optional && t.RawGetString(k.Name) == lua.LNil {
			return luabind.UsageError("%s: %s is missing: %s", where, k.Name, strings.TrimSuffix(k.Doc, "."))
		}
	}
	return nil
}

// paragraph joins the lines of a text that was indented with the script; blank
// lines part paragraphs. Control characters are escaped: a lesson may be a stranger's.
func paragraph(v lua.LValue) string {
	var parts []string
	for p := range strings.SplitSeq(lines(v), "\n\n") {
		if p = strings.Join(strings.Fields(p), " "); p != "" {
			parts = append(parts, transcript.Escape(p)) //mutant:texts-of-lessons-are-escaped is "(p)" "Text(p)[:0]+p"
		}
	}
	return strings.Join(parts, "\n\n")
}

// lines takes away the indentation of a text.
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
