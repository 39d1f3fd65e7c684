package luabind

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/luapat"
)

// search runs the matcher within the script's deadline.
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
		vm.raise(L, UsageError("pattern %q: %v", pat, err))
	}
	return caps
}

// captured returns the value of capture i; without captures the whole match is capture 1.
func (vm *VM) captured(L *lua.LState, s string, caps []luapat.Capture, i int) lua.LValue {
	if i == 1 && len(caps) == 1 {
		i = 0
	}
	if i >= len(caps) {
		vm.raise(L, UsageError("the pattern has no capture %%%d", i))
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

// findResult returns the results of a search: positions and texts for string.find, only
// texts for string.match.
type findResult bool

const (
	withPlaces findResult = true
	textsOnly  findResult = false
)

func (vm *VM) find(L *lua.LState, places findResult) int {
	s, pat := L.CheckString(1), L.CheckString(2)
	init := L.OptInt(3, 1)
	if init < 0 {
		init = max(len(s)+init+1, 1)
	}
	init = max(init, 1) - 1
	init = min(init, len(s))
	if places == withPlaces && (L.ToBool(4) || luapat.Plain(pat)) {
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
	m := newMeter(L)
	var b strings.Builder
	at, n := 0, 0
	for at <= len(s) && n < limit {
		caps := vm.search(L, s, pat, at)
		if caps == nil {
			break
		}
		n++
		m.spend(L, 20)
		b.WriteString(s[at:caps[0].From])
		by := vm.replacement(L, s, caps, max(0, MaxString-b.Len()))
		if b.Len()+len(by) > MaxString {
			vm.raise(L, TooLong("string.gsub"))
		}
		b.WriteString(by)
		at = caps[0].To
		if caps[0].To == caps[0].From { // an empty match: continue at the next byte
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
		if b.Len()+len(s)-at > MaxString {
			vm.raise(L, TooLong("string.gsub"))
		}
		b.WriteString(s[at:])
	}
	L.Push(lua.LString(b.String()))
	L.Push(lua.LNumber(n))
	return 2
}

// TooLong returns the error of a function whose text would exceed the limit.
func TooLong(fn string) error {
	return UsageError("%s: the result is more than %d bytes", fn, MaxString)
}

// replacement returns the text that gsub inserts for one match: at most room bytes.
func (vm *VM) replacement(L *lua.LState, s string, caps []luapat.Capture, room int) string {
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
		return vm.template(L, r.String(), s, caps, room)
	}
	switch {
	case lua.LVIsFalse(v):
		return whole
	case v.Type() != lua.LTString && v.Type() != lua.LTNumber:
		vm.raise(L, UsageError("string.gsub: the replacement must be a string, got %s", TypeName(v)))
	}
	return v.String()
}

func (vm *VM) template(L *lua.LState, t, s string, caps []luapat.Capture, room int) string {
	if strings.IndexByte(t, '%') < 0 {
		return t
	}
	m := newMeter(L)
	var b strings.Builder
	for i := 0; i < len(t); i++ {
		m.spend(L, 1)
		if b.Len() > room {
			vm.raise(L, TooLong("string.gsub"))
		}
		switch {
		case t[i] != '%' || i+1 == len(t):
			b.WriteByte(t[i])
		case t[i+1] == '0':
			i++
			whole := s[caps[0].From:caps[0].To]
			if b.Len()+len(whole) > room {
				vm.raise(L, TooLong("string.gsub"))
			}
			b.WriteString(whole)
		case '1' <= t[i+1] && t[i+1] <= '9':
			i++
			part := vm.captured(L, s, caps, int(t[i]-'0')).String()
			if b.Len()+len(part) > room {
				vm.raise(L, TooLong("string.gsub"))
			}
			b.WriteString(part)
		default:
			i++
			b.WriteByte(t[i])
		}
	}
	return b.String()
}
