package luabind

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/readfile"
)

// openLibs opens Lua's libraries, corrected and without the functions that reach outside of
// the script; --unsafe keeps those.
func (vm *VM) openLibs() {
	L := vm.L
	libs := []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage}, {lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable},
		{lua.StringLibName, lua.OpenString}, {lua.MathLibName, lua.OpenMath},
		{lua.CoroutineLibName, lua.OpenCoroutine}, {lua.OsLibName, lua.OpenOs},
	}
	if vm.opts.Unsafe {
		libs = append(libs, struct {
			name string
			open lua.LGFunction
		}{lua.IoLibName, lua.OpenIo})
	}
	for _, lib := range libs {
		L.Push(L.NewFunction(lib.open))
		L.Push(lua.LString(lib.name))
		L.Call(1, 0)
	}
	for _, name := range []string{"dofile", "loadfile", "newproxy", "module", "_printregs", "collectgarbage"} {
		L.SetGlobal(name, lua.LNil)
	}
	vm.mendBase()
	vm.mendStrings()
	vm.mendTables()
	vm.mendPCall()
	vm.mendCoroutines()
	vm.mendOS()
	vm.mendRequire()
	math_ := L.GetGlobal("math").(*lua.LTable)
	math_.RawSetString("huge", lua.LNumber(math.Inf(1)))
}

// set sets a Go function in a library.
func (vm *VM) set(lib, name string, fn lua.LGFunction) {
	if lib == "" {
		vm.L.SetGlobal(name, vm.L.NewFunction(fn))
		return
	}
	vm.L.GetGlobal(lib).(*lua.LTable).RawSetString(name, vm.L.NewFunction(fn))
}

// mendBase corrects assert, which accepts any value as message, error, which gets a
// default, and tonumber and loadstring.
func (vm *VM) mendBase() {
	vm.set("", "assert", func(L *lua.LState) int {
		if L.GetTop() == 0 {
			vm.raise(L, UsageError("assert: a value must be given"))
		}
		if L.ToBool(1) {
			return L.GetTop()
		}
		switch v := L.Get(2); v.Type() {
		case lua.LTNil:
			L.RaiseError("assertion failed!")
		case lua.LTString, lua.LTNumber:
			L.RaiseError("%s", shortened(v.String()))
		default:
			L.Error(v, 0)
		}
		return 0
	})
	vm.set("", "error", func(L *lua.LState) int {
		v := L.Get(1)
		if v == lua.LNil {
			v = lua.LString("error")
		}
		if s, ok := v.(lua.LString); ok {
			v = lua.LString(shortened(string(s)))
		}
		L.Error(v, L.OptInt(2, 1))
		return 0
	})
	vm.set("", "tonumber", func(L *lua.LState) int {
		L.Push(toNumber(L))
		return 1
	})
	setmeta := vm.L.GetGlobal("setmetatable")
	vm.set("", "setmetatable", func(L *lua.LState) int {
		L.CheckTable(1) // all scripts would share a metatable of strings
		L.CheckTypes(2, lua.LTNil, lua.LTTable)
		L.Push(setmeta)
		L.Push(L.Get(1))
		L.Push(L.Get(2))
		L.Call(2, 1)
		return 1
	})
	load := func(L *lua.LState) int {
		src := L.CheckString(1)
		name := L.OptString(2, "chunk")
		if len(src) > maxSource {
			vm.raise(L, UsageError("loadstring: the text has %d bytes, and %d can be compiled", len(src), maxSource))
		}
		fn, err := vm.compile(strings.TrimLeft(name, "@="), []byte(src))
		if err != nil {
			L.Push(lua.LNil)
			L.Push(lua.LString(err.Error()))
			return 2
		}
		L.Push(fn)
		return 1
	}
	vm.set("", "loadstring", load)
	vm.set("", "load", load)
}

var decimal = lazyregexp.New(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// maxNumber limits the text of a number. No exact number needs more.
const maxNumber = 4 << 10

// toNumber is tonumber that also accepts "1e3", unlike that of the library.
func toNumber(L *lua.LState) lua.LValue {
	if L.GetTop() == 0 {
		L.RaiseError("bad argument #1 to tonumber (value expected)")
	}
	v := L.Get(1)
	var s lua.LString
	switch v := v.(type) {
	case lua.LNumber:
		if L.Get(2) == lua.LNil {
			return v
		}
		s = lua.LString(v.String())
	case lua.LString:
		s = v
	default:
		return lua.LNil
	}
	if len(s) > maxNumber {
		return lua.LNil
	}
	text := strings.TrimSpace(string(s))
	base := L.OptInt(2, 10)
	if base < 2 || base > 36 {
		L.RaiseError("bad argument #2 to tonumber (base out of range)")
	}
	if L.Get(2) != lua.LNil && base != 10 {
		if base == 16 {
			text = strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X")
		}
		if n, err := strconv.ParseInt(text, base, 64); err == nil {
			return lua.LNumber(n)
		}
		n, err := strconv.ParseUint(text, base, 64)
		if err != nil {
			return lua.LNil
		}
		return lua.LNumber(n)
	}
	sign, digits := 1.0, text
	if rest, neg := strings.CutPrefix(digits, "-"); neg {
		sign, digits = -1, rest
	} else {
		digits = strings.TrimPrefix(digits, "+")
	}
	if rest, isHex := strings.CutPrefix(strings.ToLower(digits), "0x"); isHex {
		n, err := strconv.ParseUint(rest, 16, 64)
		if err != nil {
			return lua.LNil
		}
		return lua.LNumber(sign * float64(n))
	}
	if !decimal().MatchString(text) {
		return lua.LNil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return lua.LNil
	}
	return lua.LNumber(f)
}

// safeOS keeps the safe part of os: the clock, and environment variables through the host.
var safeOS = map[string]bool{"time": true, "date": true, "clock": true, "difftime": true, "getenv": true}

func (vm *VM) mendOS() {
	lib := vm.L.GetGlobal("os").(*lua.LTable)
	var drop []string
	lib.ForEach(func(k, _ lua.LValue) {
		// os.exit would leave sessions and files incomplete
		if !safeOS[k.String()] && (!vm.opts.Unsafe || k.String() == "exit" || k.String() == "setenv") {
			drop = append(drop, k.String())
		}
	})
	for _, name := range drop {
		lib.RawSetString(name, lua.LNil)
	}
	vm.set("os", "getenv", func(L *lua.LState) int {
		value, err := vm.getenv(L.CheckString(1))
		if err != nil {
			vm.raise(L, err)
		}
		L.Push(TextOrNil(value))
		return 1
	})
	date := lib.RawGetString("date").(*lua.LFunction).GFunction
	vm.set("os", "date", func(L *lua.LState) int {
		if n := len(L.OptString(1, "")); n > maxNumber {
			vm.raise(L, UsageError("os.date: the format has %d bytes, and at most %d are allowed", n, maxNumber))
		}
		mendDate(L)
		return date(L)
	})
	hints := map[string]string{
		"exit":    "; raise an error to end a script, fail(text) for status 1",
		"execute": "; files and processes need --unsafe",
		"remove":  "; files and processes need --unsafe",
		"rename":  "; files and processes need --unsafe",
		"tmpname": "; files and processes need --unsafe",
	}
	mt := vm.L.NewTable()
	mt.RawSetString("__index", vm.L.NewFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		vm.raise(L, UsageError("os has no function %s%s", key, hints[key]))
		return 0
	}))
	lib.Metatable = mt
}

// moduleName matches the names for require: with dots, not paths.
var moduleName = lazyregexp.New(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// maxModule limits a module file, and every text that is compiled, in bytes: the syntax
// tree needs some hundred times as much memory.
const maxModule = 1 << 20

// mendRequire makes require search only in the modules, in the program's library, and in
// the script's folder.
func (vm *VM) mendRequire() {
	L := vm.L
	pkg := L.GetGlobal("package").(*lua.LTable)
	for _, name := range []string{"path", "cpath", "loadlib", "config", "loaders", "seeall"} {
		pkg.RawSetString(name, lua.LNil)
	}
	loaded := pkg.RawGetString("loaded").(*lua.LTable)
	preload := pkg.RawGetString("preload").(*lua.LTable)
	vm.set("", "require", func(L *lua.LState) int {
		name := L.CheckString(1)
		if v := loaded.RawGetString(name); v != lua.LNil {
			L.Push(v)
			return 1
		}
		fn, ok := preload.RawGetString(name).(*lua.LFunction)
		if !ok {
			var err error
			if fn, err = vm.findModule(newMeter(L).ctx, name); err != nil {
				vm.raise(L, err)
			}
		}
		if vm.loading[name] {
			vm.raise(L, UsageError("require: %s requires itself, directly or through other modules", name))
		}
		vm.loading[name] = true
		defer delete(vm.loading, name)
		L.Push(fn)
		L.Push(lua.LString(name))
		L.Call(1, 1)
		v := L.Get(-1)
		if v == lua.LNil {
			v = lua.LTrue
		}
		loaded.RawSetString(name, v)
		L.Push(v)
		return 1
	})
}

func (vm *VM) findModule(ctx context.Context, name string) (*lua.LFunction, error) {
	if len(name) > maxNumber || !moduleName().MatchString(name) {
		return nil, UsageError("require: %s is not a module name: use letters, digits, _ and -, and dots for folders", Quoted(name))
	}
	path := strings.ReplaceAll(name, ".", "/") + ".lua"
	if vm.opts.Dir != "" {
		// a Root does not follow links out of the folder
		if root, err := os.OpenRoot(vm.opts.Dir); err == nil {
			defer root.Close()
			src, err := readfile.In(ctx, root, path, maxModule)
			if err == nil {
				return vm.compile(path, src)
			}
			if errors.As(err, new(*readfile.KindError)) || errors.As(err, new(*readfile.SizeError)) {
				return nil, UsageError("require: %v", err)
			}
		}
	}
	if vm.opts.Lib != nil {
		if f, err := vm.opts.Lib.Open(path); err == nil {
			defer f.Close()
			src, err := io.ReadAll(f)
			if err != nil {
				return nil, err
			}
			vm.ours[path] = true
			return vm.compile(path, src)
		}
	}
	e := UsageError("require: module %s not found", name).(*ErrorValue)
	e.Hint = "modules are " + path + " next to the script, or in the program's own library"
	return nil, e
}
