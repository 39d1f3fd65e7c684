package luabind

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// mendStrings replaces the string functions that take quadratic time, cannot be stopped, or
// treat bytes as characters.
func (vm *VM) mendStrings() {
	vm.set("string", "upper", asciiCase('a', 'z'))
	vm.set("string", "lower", asciiCase('A', 'Z'))
	vm.set("string", "rep", vm.rep)
	vm.set("string", "byte", vm.octets)
	vm.set("string", "reverse", func(L *lua.LState) int {
		s := L.CheckString(1)
		var b strings.Builder
		b.Grow(len(s))
		for i := len(s) - 1; i >= 0; i-- {
			b.WriteByte(s[i])
		}
		L.Push(lua.LString(b.String()))
		return 1
	})
	vm.set("string", "format", vm.format)
	vm.set("string", "find", func(L *lua.LState) int { return vm.find(L, withPlaces) })
	vm.set("string", "match", func(L *lua.LState) int { return vm.find(L, textsOnly) })
	vm.set("string", "gmatch", vm.gmatch)
	vm.set("string", "gfind", vm.gmatch)
	vm.set("string", "gsub", vm.gsub)
}

// asciiCase changes the case of ASCII letters; bytes above 127 are unchanged.
func asciiCase(from, to byte) lua.LGFunction {
	return func(L *lua.LState) int {
		s := L.CheckString(1)
		var b strings.Builder
		b.Grow(len(s))
		for i := range len(s) {
			c := s[i]
			if from <= c && c <= to {
				c ^= 0x20
			}
			b.WriteByte(c)
		}
		L.Push(lua.LString(b.String()))
		return 1
	}
}

func (vm *VM) rep(L *lua.LState) int {
	s, n, sep := L.CheckString(1), float64(L.CheckNumber(2)), L.OptString(3, "")
	if n < 1 || s == "" && sep == "" {
		L.Push(lua.LString(""))
		return 1
	}
	if n != n || float64(len(s)+len(sep))*n > MaxString {
		vm.raise(L, UsageError("string.rep: %.0f times %d bytes is more than %d", n, len(s)+len(sep), MaxString))
	}
	L.Push(lua.LString(strings.Repeat(s+sep, int(n)-1) + s))
	return 1
}

// octets implements string.byte.
func (vm *VM) octets(L *lua.LState) int {
	s := L.CheckString(1)
	from := L.OptInt(2, 1)
	to := L.OptInt(3, from)
	place := func(i int) int {
		if i < 0 {
			i = max(i, -len(s)-1) + len(s) + 1
		}
		return i
	}
	from, to = max(place(from), 1), min(place(to), len(s))
	if from, to = vm.span(L, "string.byte", float64(from), float64(to)); from > to {
		return 0
	}
	for i := from; i <= to; i++ {
		L.Push(lua.LNumber(s[i-1]))
	}
	return to - from + 1
}

// format is string.format with C's meaning of each directive: widths count bytes, %q can be
// read back, %s accepts any value.
func (vm *VM) format(L *lua.LState) int {
	f := L.CheckString(1)
	total := len(f)
	for i := 2; i <= L.GetTop(); i++ { // before anything is allocated
		if s, ok := L.Get(i).(lua.LString); ok {
			total += len(s)
		}
	}
	if total > MaxString {
		vm.raise(L, TooLong("string.format"))
	}
	m := newMeter(L)
	var b strings.Builder
	arg := 1
	for i := 0; i < len(f); i++ {
		m.spend(L, 1)
		if f[i] != '%' {
			b.WriteByte(f[i])
			continue
		}
		from := i
		for i++; i < len(f) && strings.IndexByte("-+ #0123456789.", f[i]) >= 0; i++ {
		}
		if i == len(f) {
			vm.raise(L, UsageError("string.format: %q ends within a directive", f))
		}
		spec, verb := f[from:i], f[i]
		if verb == '%' {
			b.WriteByte('%')
			continue
		}
		if len(spec) > 8 {
			vm.raise(L, UsageError("string.format: the width in %q is too large", spec))
		}
		if arg++; arg > L.GetTop() {
			vm.raise(L, UsageError("string.format: no value for %s%c, directive %d", spec, verb, arg-1))
		}
		if vm.directive(L, &b, spec, verb, arg); b.Len() > MaxString {
			vm.raise(L, TooLong("string.format"))
		}
	}
	L.Push(lua.LString(b.String()))
	return 1
}

func (vm *VM) directive(L *lua.LState, b *strings.Builder, spec string, verb byte, arg int) {
	switch verb {
	case 'd', 'i':
		fmt.Fprintf(b, spec+"d", int64(L.CheckNumber(arg)))
	case 'u', 'o', 'x', 'X':
		if verb == 'u' {
			verb = 'd'
		}
		fmt.Fprintf(b, spec+string(verb), uint64(int64(L.CheckNumber(arg))))
	case 'c':
		pad(b, spec, string([]byte{byte(int64(L.CheckNumber(arg)))}))
	case 'e', 'E', 'f', 'F', 'g', 'G':
		n := float64(L.CheckNumber(arg))
		switch {
		case math.IsNaN(n):
			pad(b, spec, "nan")
		case math.IsInf(n, 0):
			pad(b, spec, map[bool]string{true: "inf", false: "-inf"}[n > 0])
		default:
			if (verb == 'g' || verb == 'G') && !strings.Contains(spec, ".") {
				spec += ".6" // the default of C
			}
			fmt.Fprintf(b, spec+string(verb), n)
		}
	case 'q':
		vm.quote(L, b, L.CheckString(arg))
	case 's':
		s := L.ToStringMeta(L.Get(arg)).String()
		if _, precision, ok := strings.Cut(spec, "."); ok {
			n, _ := strconv.Atoi(precision)
			s = s[:min(n, len(s))]
		}
		pad(b, spec, s)
	default:
		vm.raise(L, UsageError("string.format: there is no directive %%%c", verb))
	}
}

// pad writes a text with the width of a directive.
func pad(b *strings.Builder, spec, s string) {
	width, _, _ := strings.Cut(strings.TrimPrefix(spec, "%"), ".")
	w, _ := strconv.Atoi(strings.Trim(width, "-+ #"))
	fill := strings.Repeat(" ", max(0, w-len(s)))
	if strings.Contains(width, "-") {
		b.WriteString(s + fill)
	} else {
		b.WriteString(fill + s)
	}
}

// quote writes a string so that Lua reads it back.
func (vm *VM) quote(L *lua.LState, b *strings.Builder, s string) {
	m := newMeter(L)
	b.WriteByte('"')
	for i := range len(s) {
		m.spend(L, 1)
		if b.Len() > MaxString {
			vm.raise(L, TooLong("string.format"))
		}
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString("\\n")
		case c == '\r':
			b.WriteString("\\r")
		case c < 0x20 || c >= 0x7f:
			b.Write([]byte{'\\', '0' + c/100, '0' + c/10%10, '0' + c%10})
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}
