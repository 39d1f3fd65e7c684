package luabind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"smtpsh/engine"
)

// Host is what a VM needs of the program around it.
type Host interface {
	// Print writes a line that a script prints.
	Print(line string)
	// Var returns the value of a variable given on the command line or in the
	// environment.
	Var(name string) (string, bool)
	// Secret returns a secret by name; false when it was not given.
	Secret(name string) (string, bool, error)
	// Target is where sessions go that name no target.
	Target() string
	// Dial opens a session to a target, "" for the default one. change alters
	// the options of this session.
	Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error)
}

// VM runs Lua for one script.
type VM struct {
	L          *lua.LState
	host       Host
	metatables map[string]*lua.LTable

	mu       sync.Mutex
	sessions []*Session
}

// New makes a VM. Close it.
func New(host Host) *VM {
	L := lua.NewState(lua.Options{
		SkipOpenLibs: true, RegistrySize: 1024, RegistryMaxSize: 1 << 20, RegistryGrowStep: 4096,
		CallStackSize: 1024, MinimizeStackMemory: true,
	})
	vm := &VM{L: L, host: host, metatables: map[string]*lua.LTable{}}
	vm.openLibs()
	vm.register()
	return vm
}

// Close ends the VM and all sessions that are still open.
func (vm *VM) Close() {
	vm.mu.Lock()
	sessions := vm.sessions
	vm.sessions = nil
	vm.mu.Unlock()
	for _, s := range sessions {
		s.Close()
	}
	vm.L.Close()
}

// openLibs opens the libraries that reach nothing outside the script.
func (vm *VM) openLibs() {
	L := vm.L
	for _, lib := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage}, {lua.BaseLibName, lua.OpenBase}, {lua.TabLibName, lua.OpenTable},
		{lua.StringLibName, lua.OpenString}, {lua.MathLibName, lua.OpenMath}, {lua.CoroutineLibName, lua.OpenCoroutine},
	} {
		L.Push(L.NewFunction(lib.open))
		L.Push(lua.LString(lib.name))
		L.Call(1, 0)
	}
	for _, name := range []string{"dofile", "loadfile", "newproxy", "module", "_printregs", "collectgarbage"} {
		L.SetGlobal(name, lua.LNil)
	}
	vm.limitRep()
	// require finds what is registered, nothing on disk
	if pkg, ok := L.GetGlobal("package").(*lua.LTable); ok {
		pkg.RawSetString("path", lua.LString(""))
		if loaders, ok := pkg.RawGetString("loaders").(*lua.LTable); ok {
			for loaders.Len() > 1 {
				loaders.Remove(loaders.Len())
			}
		}
	}
}

// maxRep bounds string.rep: the library's own has no limit, and running out of
// memory cannot be caught.
const maxRep = 256 << 20

func (vm *VM) limitRep() {
	str, ok := vm.L.GetGlobal("string").(*lua.LTable)
	if !ok {
		return
	}
	rep := str.RawGetString("rep")
	str.RawSetString("rep", vm.L.NewFunction(func(L *lua.LState) int {
		s, n := L.CheckString(1), L.CheckNumber(2)
		if float64(len(s))*float64(n) > maxRep {
			vm.raise(L, usageError("string.rep: %d times %d octets is more than %d", int64(n), len(s), maxRep))
		}
		L.Push(rep)
		L.Push(lua.LString(s))
		L.Push(n)
		L.Call(2, 1)
		return 1
	}))
}

// register makes modules and classes of the tables.
func (vm *VM) register() {
	L := vm.L
	methods := map[string]*lua.LTable{}
	modules := map[string]*lua.LTable{}
	funcs := Funcs()
	for i := range funcs {
		f := &funcs[i]
		if f.call == nil {
			continue
		}
		fn := vm.bind(L, f)
		switch {
		case f.On == "":
			L.SetGlobal(f.Name, fn)
		case f.IsMethod():
			if methods[f.On] == nil {
				methods[f.On] = L.NewTable()
			}
			methods[f.On].RawSetString(f.Name, fn)
		default:
			if modules[f.On] == nil {
				modules[f.On] = L.NewTable()
			}
			modules[f.On].RawSetString(f.Name, fn)
		}
	}
	vm.registerPrint()
	for name, m := range modules {
		vm.strict(m, name)
		L.SetGlobal(name, m)
		L.PreloadModule(name, func(L *lua.LState) int { L.Push(m); return 1 })
	}
	for _, c := range Classes() {
		if c.Keys == nil {
			vm.metatables[c.Name] = vm.metatable(c, methods[c.Name])
		}
	}
	vm.strictGlobals()
}

// metatable gives objects their fields and methods, and an answer to misspelt
// ones.
func (vm *VM) metatable(class Class, methods *lua.LTable) *lua.LTable {
	L := vm.L
	mt := L.NewTable()
	fields := map[string]Field{}
	var names []string
	for _, f := range class.Fields {
		fields[f.Name] = f
		names = append(names, f.Name)
	}
	if methods != nil {
		methods.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
	}
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		ud := L.CheckUserData(1)
		key := L.CheckString(2)
		if methods != nil {
			if m := methods.RawGetString(key); m != lua.LNil {
				L.Push(m)
				return 1
			}
		}
		if f, ok := fields[key]; ok {
			L.Push(f.get(&Call{L: L, vm: vm}, ud.Value))
			return 1
		}
		vm.raise(L, usageError("%s has no field or method %s%s", class.Name, key, didYouMean(key, names)))
		return 0
	}))
	mt.RawSetString("__newindex", L.NewFunction(func(L *lua.LState) int {
		vm.raise(L, usageError("the fields of %s cannot be set", class.Name))
		return 0
	}))
	mt.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(toString(L.CheckUserData(1).Value)))
		return 1
	}))
	mt.RawSetString("__metatable", lua.LString(class.Name))
	return mt
}

// strict makes a module answer misspelt names.
func (vm *VM) strict(m *lua.LTable, name string) {
	L := vm.L
	mt := L.NewTable()
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		var names []string
		m.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
		vm.raise(L, usageError("%s has no function %s%s", name, key, didYouMean(key, names)))
		return 0
	}))
	m.Metatable = mt
}

// strictGlobals makes reading a global that was never set an error.
func (vm *VM) strictGlobals() {
	L := vm.L
	g := L.G.Global
	mt := L.NewTable()
	mt.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		var names []string
		g.ForEach(func(k, _ lua.LValue) { names = append(names, k.String()) })
		vm.raise(L, usageError("there is no variable %s%s", key, didYouMean(key, names)))
		return 0
	}))
	g.Metatable = mt
}

// ScriptError is a script that could not be read or that failed.
type ScriptError struct {
	Name    string // file name
	Line    int    // 0 when not known
	Column  int
	Message string
	Source  string      // the line of the script
	Value   *ErrorValue // the error object, when it was one
	Syntax  bool
	Bug     bool // a fault of this program
	Stack   string
}

// Error gives place and message.
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

// Unwrap gives the error object.
func (e *ScriptError) Unwrap() error {
	if e.Value == nil {
		return nil
	}
	return e.Value
}

// Run runs a script with the given arguments, which it sees as ... and as the
// table arg. The error is a [*ScriptError], or the context's when that ended
// first.
func (vm *VM) Run(ctx context.Context, name string, src []byte, args []string) error {
	fn, err := vm.compile(name, src)
	if err != nil {
		return err
	}
	L := vm.L
	L.SetContext(ctx)
	argt := L.NewTable()
	L.Push(fn)
	for _, a := range args {
		argt.Append(lua.LString(a))
		L.Push(lua.LString(a))
	}
	argt.RawSetInt(0, lua.LString(name))
	L.SetGlobal("arg", argt)
	err = L.PCall(len(args), 0, nil)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d, ok := ctx.Deadline(); ok && err != nil && !time.Now().Before(d) {
		return context.DeadlineExceeded // a wait noticed it before the context's own timer
	}
	if err != nil {
		return scriptError(name, src, err)
	}
	return nil
}

func (vm *VM) compile(name string, src []byte) (*lua.LFunction, error) {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(src, []byte("#")) { // a #! line; its line end stays
		i := bytes.IndexByte(src, '\n')
		if i < 0 {
			i = len(src)
		}
		src = src[i:]
	}
	chunk, err := parse.Parse(bytes.NewReader(src), name)
	if err != nil {
		return nil, syntaxError(name, src, err)
	}
	proto, err := lua.Compile(chunk, name)
	if err != nil {
		return nil, &ScriptError{Name: name, Message: err.Error(), Syntax: true}
	}
	return vm.L.NewFunctionFromProto(proto), nil
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
		if pe.Pos.Line <= 0 { // the parser's way of saying "at the end"
			e.Line, e.Column = bytes.Count(bytes.TrimRight(src, "\n"), []byte("\n"))+1, 0
			e.Message = "syntax error: the script ends too early; an end, a bracket or a quote is missing"
		}
	}
	e.Source = sourceLine(src, e.Line)
	return e
}

func sourceLine(src []byte, n int) string {
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

// scriptError finds place and message in what gopher-lua gives back.
func scriptError(name string, src []byte, err error) error {
	e := &ScriptError{Name: name, Message: err.Error()}
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
			e.Value = v
			text = strings.TrimSpace(v.Where) + " " + v.Message
		} else {
			text = toString(o.Value)
		}
	case lua.LString:
		text = string(o)
	case *lua.LTable:
		text = "an error that is a table"
		if m := o.RawGetString("message"); m != lua.LNil {
			text = m.String()
		}
	default:
		text = api.Object.String()
	}
	if overflow {
		e.Message = "the script calls itself without end, or uses too many values at once"
		return e
	}
	e.place(name, text)
	e.Source = sourceLine(src, e.Line)
	return e
}

// place cuts "name:12:" off the beginning of a message.
func (e *ScriptError) place(name, text string) {
	e.Message = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), name+":")
	if !ok {
		return
	}
	num, msg, ok := strings.Cut(rest, ":")
	if n, err := strconv.Atoi(num); ok && err == nil {
		e.Line, e.Message = n, strings.TrimSpace(msg)
	}
}
