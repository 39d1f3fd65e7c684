package luabind

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/luapat"
)

// mendStrings replaces those string functions that are quadratic, cannot be
// stopped, or treat octets as characters.
func (vm *VM) mendStrings() {
	vm.set("string", "upper", asciiCase('a', 'z'))
	vm.set("string", "lower", asciiCase('A', 'Z'))
	vm.set("string", "rep", vm.rep)
	vm.set("string", "format", vm.format)
	vm.set("string", "find", func(L *lua.LState) int { return vm.find(L, true) })
	vm.set("string", "match", func(L *lua.LState) int { return vm.find(L, false) })
	vm.set("string", "gmatch", vm.gmatch)
	vm.set("string", "gfind", vm.gmatch)
	vm.set("string", "gsub", vm.gsub)
}

// asciiCase flips the letters of a range; octets above stay what they are.
func asciiCase(from, to byte) lua.LGFunction {
	return func(L *lua.LState) int {
		b := []byte(L.CheckString(1))
		for i, c := range b {
			if from <= c && c <= to {
				b[i] = c ^ 0x20
			}
		}
		L.Push(lua.LString(b))
		return 1
	}
}

// maxString bounds strings that a call makes: running out of memory cannot be
// caught.
const maxString = 256 << 20

func (vm *VM) rep(L *lua.LState) int {
	s, n, sep := L.CheckString(1), float64(L.CheckNumber(2)), L.OptString(3, "")
	if n < 1 || s == "" && sep == "" {
		L.Push(lua.LString(""))
		return 1
	}
	if n != n || float64(len(s)+len(sep))*n > maxString {
		vm.raise(L, usageError("string.rep: %.0f times %d octets is more than %d", n, len(s)+len(sep), maxString))
	}
	L.Push(lua.LString(strings.Repeat(s+sep, int(n)-1) + s))
	return 1
}

// search runs the matcher under the script's deadline.
func (vm *VM) search(L *lua.LState, s, pat string, init int) []luapat.Capture {
	var ask func() error
	if ctx := L.Context(); ctx != nil {
		ask = ctx.Err
	}
	caps, err := luapat.Find(s, pat, init, ask)
	if err != nil {
		if ctx := L.Context(); ctx != nil && ctx.Err() != nil {
			L.RaiseError("%v", err)
		}
		vm.raise(L, usageError("pattern %q: %v", pat, err))
	}
	return caps
}

// captured is the value of capture i; without captures the whole match is 1.
func (vm *VM) captured(L *lua.LState, s string, caps []luapat.Capture, i int) lua.LValue {
	if i == 1 && len(caps) == 1 {
		i = 0
	}
	if i >= len(caps) {
		vm.raise(L, usageError("the pattern has no capture %%%d", i))
	}
	if caps[i].Position {
		return lua.LNumber(caps[i].From + 1)
	}
	return lua.LString(s[caps[i].From:caps[i].To])
}

func (vm *VM) pushCaptures(L *lua.LState, s string, caps []luapat.Capture) int {
	n := max(1, len(caps)-1)
	for i := 1; i <= n; i++ {
		L.Push(vm.captured(L, s, caps, i))
	}
	return n
}

func (vm *VM) find(L *lua.LState, places bool) int {
	s, pat := L.CheckString(1), L.CheckString(2)
	init := L.OptInt(3, 1)
	if init < 0 {
		init = max(len(s)+init+1, 1)
	}
	init = max(init, 1) - 1
	init = min(init, len(s))
	if places && (L.ToBool(4) || luapat.Plain(pat)) {
		i := strings.Index(s[init:], pat)
		if i < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(init + i + 1))
		L.Push(lua.LNumber(init + i + len(pat)))
		return 2
	}
	caps := vm.search(L, s, pat, init)
	if caps == nil {
		L.Push(lua.LNil)
		return 1
	}
	if !places {
		return vm.pushCaptures(L, s, caps)
	}
	L.Push(lua.LNumber(caps[0].From + 1))
	L.Push(lua.LNumber(caps[0].To))
	n := 2
	for i := 1; i < len(caps); i++ {
		L.Push(vm.captured(L, s, caps, i))
		n++
	}
	return n
}

func (vm *VM) gmatch(L *lua.LState) int {
	s, pat := L.CheckString(1), L.CheckString(2)
	if strings.HasPrefix(pat, "^") { // no anchor here, as in Lua 5.1
		pat = "%" + pat
	}
	at := 0
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if at > len(s) {
			return 0
		}
		caps := vm.search(L, s, pat, at)
		if caps == nil {
			at = len(s) + 1
			return 0
		}
		if at = caps[0].To; caps[0].To == caps[0].From {
			at++
		}
		return vm.pushCaptures(L, s, caps)
	}))
	return 1
}

func (vm *VM) gsub(L *lua.LState) int {
	s, pat := L.CheckString(1), L.CheckString(2)
	L.CheckTypes(3, lua.LTString, lua.LTNumber, lua.LTTable, lua.LTFunction)
	limit := L.OptInt(4, math.MaxInt)
	var b strings.Builder
	at, n := 0, 0
	for at <= len(s) && n < limit {
		caps := vm.search(L, s, pat, at)
		if caps == nil {
			break
		}
		n++
		b.WriteString(s[at:caps[0].From])
		b.WriteString(vm.replacement(L, s, caps))
		if b.Len() > maxString {
			vm.raise(L, usageError("string.gsub: the result is more than %d octets", maxString))
		}
		at = caps[0].To
		if caps[0].To == caps[0].From { // an empty match goes on with the next octet
			if at < len(s) {
				b.WriteByte(s[at])
			}
			at++
		}
		if strings.HasPrefix(pat, "^") {
			break
		}
	}
	if at < len(s) {
		b.WriteString(s[at:])
	}
	L.Push(lua.LString(b.String()))
	L.Push(lua.LNumber(n))
	return 2
}

// replacement is what gsub puts in the place of one match.
func (vm *VM) replacement(L *lua.LState, s string, caps []luapat.Capture) string {
	whole := s[caps[0].From:caps[0].To]
	var v lua.LValue
	switch r := L.Get(3).(type) {
	case *lua.LTable:
		v = L.GetTable(r, vm.captured(L, s, caps, 1))
	case *lua.LFunction:
		L.Push(r)
		L.Call(vm.pushCaptures(L, s, caps), 1)
		v = L.Get(-1)
		L.Pop(1)
	default:
		return vm.template(L, r.String(), s, caps)
	}
	switch {
	case lua.LVIsFalse(v):
		return whole
	case v.Type() != lua.LTString && v.Type() != lua.LTNumber:
		vm.raise(L, usageError("string.gsub: the replacement must be a string, got %s", typeName(v)))
	}
	return v.String()
}

func (vm *VM) template(L *lua.LState, t, s string, caps []luapat.Capture) string {
	if strings.IndexByte(t, '%') < 0 {
		return t
	}
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		switch {
		case t[i] != '%' || i+1 == len(t):
			b.WriteByte(t[i])
		case t[i+1] == '0':
			i++
			b.WriteString(s[caps[0].From:caps[0].To])
		case '1' <= t[i+1] && t[i+1] <= '9':
			i++
			b.WriteString(vm.captured(L, s, caps, int(t[i]-'0')).String())
		default:
			i++
			b.WriteByte(t[i])
		}
	}
	return b.String()
}

// format is string.format with C's meaning of each directive: widths count
// octets, %q can be read back, %s takes any value.
func (vm *VM) format(L *lua.LState) int {
	f := L.CheckString(1)
	total := len(f)
	for i := 2; i <= L.GetTop(); i++ { // before anything is made of them
		if s, ok := L.Get(i).(lua.LString); ok {
			total += len(s)
		}
	}
	if total > maxString {
		vm.raise(L, usageError("string.format: the result is more than %d octets", maxString))
	}
	var b strings.Builder
	arg := 1
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			b.WriteByte(f[i])
			continue
		}
		from := i
		for i++; i < len(f) && strings.IndexByte("-+ #0123456789.", f[i]) >= 0; i++ {
		}
		if i == len(f) {
			vm.raise(L, usageError("string.format: %q ends within a directive", f))
		}
		spec, verb := f[from:i], f[i]
		if verb == '%' {
			b.WriteByte('%')
			continue
		}
		if len(spec) > 8 {
			vm.raise(L, usageError("string.format: the width in %q is too large", spec))
		}
		if arg++; arg > L.GetTop() {
			vm.raise(L, usageError("string.format: no value for %s%c, directive %d", spec, verb, arg-1))
		}
		if vm.directive(L, &b, spec, verb, arg); b.Len() > maxString {
			vm.raise(L, usageError("string.format: the result is more than %d octets", maxString))
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
				spec += ".6" // C's default
			}
			fmt.Fprintf(b, spec+string(verb), n)
		}
	case 'q':
		quote(b, L.CheckString(arg))
	case 's':
		s := L.ToStringMeta(L.Get(arg)).String()
		if _, precision, ok := strings.Cut(spec, "."); ok {
			n, _ := strconv.Atoi(precision)
			s = s[:min(n, len(s))]
		}
		pad(b, spec, s)
	default:
		vm.raise(L, usageError("string.format: there is no directive %%%c", verb))
	}
}

// pad writes a text in the width of a directive.
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
func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString("\\n")
		case c == '\r':
			b.WriteString("\\r")
		case c < 0x20 || c >= 0x7f:
			fmt.Fprintf(b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}
