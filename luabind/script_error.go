package luabind

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"smtpsh/internal/lazyregexp"
)

// ScriptError is a script that could not be parsed or that failed.
type ScriptError struct {
	Name    string // file name
	Line    int    // 0 if not known
	Column  int
	Message string
	Source  string      // the line of the script
	Value   *ErrorValue // the error object, if the error was one
	Frames  []Frame     // the calls up to the failed one, innermost first
	Syntax  bool
	Endless bool // endless recursion
	Bug     bool // a bug of this program
	Stack   string
	Cause   error // why the script was stopped; nil if it failed itself
}

// Frame is a position in a script.
type Frame struct {
	File string
	Line int
}

// Error returns the position and the message.
func (e *ScriptError) Error() string {
	place := e.Name
	if e.Line > 0 {
		place += ":" + strconv.Itoa(e.Line)
		if e.Column > 0 {
			place += ":" + strconv.Itoa(e.Column)
		}
	}
	return place + ": " + e.Message
}

// Unwrap returns the cause of a stop, or the error object.
func (e *ScriptError) Unwrap() error {
	switch {
	case e.Cause != nil:
		return e.Cause
	case e.Value == nil:
		return nil
	}
	return e.Value
}

func syntaxError(name string, src []byte, err error) error {
	e := &ScriptError{Name: name, Syntax: true, Message: strings.TrimSpace(err.Error())}
	var pe *parse.Error
	if errors.As(err, &pe) {
		e.Line, e.Column = pe.Pos.Line, pe.Pos.Column
		e.Message = "syntax error"
		if pe.Token != "" {
			e.Message += fmt.Sprintf(" near %q", pe.Token)
		}
		if pe.Pos.Line <= 0 { // the parser's form of "at the end"
			e.Line, e.Column = bytes.Count(bytes.TrimRight(src, "\n"), []byte("\n"))+1, 0
			e.Message = "syntax error: unexpected end of the script; an end, a bracket or a quote is missing"
		}
	}
	e.Source = SourceLine(src, e.Line)
	return e
}

// SourceLine returns line n of a source, counted from 1; "" if it does not exist.
func SourceLine(src []byte, n int) string {
	if n < 1 {
		return ""
	}
	for l := range strings.Lines(string(src)) {
		if n--; n == 0 {
			return strings.TrimRight(l, "\r\n")
		}
	}
	return ""
}

// frameLine matches a line of a stack trace or the beginning of a message.
var frameLine = lazyregexp.New(`(?m)^\s*([^:\n\[][^:\n]*):(\d+):`)

// Hush masks secrets in the report of a failure: it can contain the text of a server that
// repeats a secret.
func (vm *VM) Hush(e *ScriptError) *ScriptError {
	texts := []*string{&e.Message}
	if v := e.Value; v != nil {
		texts = append(texts, &v.Message, &v.What, &v.Want, &v.Got, &v.Hint)
	}
	for _, t := range texts {
		*t = vm.secrets.Mask(*t)
	}
	return e
}

// ScriptError makes a script error of any error.
func (vm *VM) ScriptError(err error) *ScriptError { return vm.Hush(vm.located(err)) }

// located returns the position and the message of an error of gopher-lua.
func (vm *VM) located(err error) *ScriptError {
	if err == nil {
		return &ScriptError{Message: "stopped"}
	}
	var done *ScriptError
	if errors.As(err, &done) {
		return done
	}
	e := &ScriptError{Message: shortened(err.Error())}
	var api *lua.ApiError
	if !errors.As(err, &api) {
		return e
	}
	e.Stack = api.StackTrace
	overflow := strings.Contains(err.Error(), "stack overflow") || strings.Contains(err.Error(), "registry overflow")
	if !overflow && (api.Type == lua.ApiErrorPanic || api.Cause != nil && api.Object == lua.LNil) {
		e.Bug = true
	}
	text := ""
	switch o := api.Object.(type) {
	case *lua.LUserData:
		if v, ok := o.Value.(*ErrorValue); ok {
			e.Value, e.Frames = v, v.Frames
			text = strings.TrimSpace(v.Where) + " " + v.Message
		} else {
			text = toString(o)
		}
	case lua.LString:
		text = string(o)
	case *lua.LTable:
		text = "an error that is a table: " + Show(o)
		if m := o.RawGetString("message"); m != lua.LNil {
			text = m.String()
		}
	default:
		text = api.Object.String()
	}
	if e.Endless = overflow; overflow {
		text = "the script recurses endlessly or uses too many values at once"
	}
	for _, m := range frameLine().FindAllStringSubmatch(api.StackTrace, -1) {
		if n, err := strconv.Atoi(m[2]); err == nil && len(e.Frames) < 20 && vm.sources[m[1]] != nil && e.Value == nil {
			e.Frames = append(e.Frames, Frame{File: m[1], Line: n})
		}
	}
	e.Message = strings.TrimSpace(shortened(text))
	if m := frameLine().FindStringSubmatch(e.Message); m != nil && vm.sources[m[1]] != nil {
		e.Name = m[1]
		e.Line, _ = strconv.Atoi(m[2])
		e.Message = strings.TrimSpace(strings.TrimSpace(e.Message)[len(m[0]):])
	} else if e.Name = vm.main; len(e.Frames) > 0 {
		f := vm.callOfScript(e.Frames)
		e.Name = f.File
		if e.Value != nil {
			e.Line = f.Line
		}
	}
	e.Source = vm.Source(e.Name, e.Line)
	return e
}

// Source returns a line of a loaded file; "" if it does not exist or the file is bundled.
func (vm *VM) Source(file string, line int) string {
	if vm.ours[file] {
		return ""
	}
	return SourceLine(vm.sources[file], line)
}

// maxErrorText limits the stored text of an error, in bytes.
const maxErrorText = 1 << 20

// shortened returns the beginning of a text that is too long.
func shortened(s string) string {
	if len(s) <= maxErrorText+maxErrorText/8 { // with a position before it, it can be shortened twice
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", s[:maxErrorText], len(s))
}
