package luabind

import (
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// mendTables limits the resources of table functions. Those of the library need quadratic
// time for concat, and cannot be stopped.
func (vm *VM) mendTables() {
	vm.set("table", "concat", vm.concat)
	vm.set("table", "insert", vm.insert)
	vm.set("table", "sort", vm.sort)
	vm.set("", "unpack", func(L *lua.LState) int {
		t := L.CheckTable(1)
		from, to := vm.span(L, "unpack", float64(L.OptNumber(2, 1)), float64(L.OptNumber(3, lua.LNumber(t.Len()))))
		for i := from; i <= to; i++ {
			L.Push(t.RawGetInt(i))
		}
		return max(0, to-from+1)
	})
	vm.set("", "rawset", func(L *lua.LState) int {
		t, k, v := L.CheckTable(1), L.CheckAny(2), L.CheckAny(3)
		if k == lua.LNumber(maxElements+1) && isFull(t) {
			vm.raise(L, errFull("rawset"))
		}
		L.RawSet(t, k, v)
		L.SetTop(1)
		return 1
	})
}

func errFull(fn string) error {
	return UsageError("%s: the table is full: it has %d elements", fn, maxElements)
}

// span is a range of indices, each of which gives a value.
func (vm *VM) span(L *lua.LState, fn string, from, to float64) (int, int) {
	const far = 1 << 53 // above this a number cannot distinguish consecutive integers
	if from != from || to != to || from < -far || from > far || to < -far || to > far {
		vm.raise(L, UsageError("%s: %v to %v are not indices", fn, from, to))
	}
	if to-from >= maxValues { //mutant:results-are-counted is "maxValues" "maxValues<<20"
		vm.raise(L, UsageError("%s: %.0f values are too many: a call returns at most %d", fn, to-from+1, maxValues))
	}
	return int(from), int(to)
}

func (vm *VM) concat(L *lua.LState) int {
	t, sep := L.CheckTable(1), L.OptString(2, "")
	from, to := L.OptInt(3, 1), min(L.OptInt(4, t.Len()), t.Len())
	m := newMeter(L)
	var b strings.Builder
	for i := max(from, 1); i <= to; i++ {
		m.spend(L, 1)
		v := t.RawGetInt(i)
		if v.Type() != lua.LTString && v.Type() != lua.LTNumber {
			L.RaiseError("invalid value (%s) at index %d in table for concat", v.Type().String(), i)
		}
		if i > max(from, 1) {
			b.WriteString(sep)
		}
		text := lua.LVAsString(v)
		if b.Len()+len(text)+len(sep) > MaxString {
			vm.raise(L, TooLong("table.concat"))
		}
		b.WriteString(text)
	}
	L.Push(lua.LString(b.String()))
	return 1
}

func (vm *VM) insert(L *lua.LState) int {
	t := L.CheckTable(1)
	if isFull(t) {
		vm.raise(L, errFull("table.insert"))
	}
	switch L.GetTop() {
	case 1:
		L.RaiseError("wrong number of arguments")
	case 2:
		t.Append(L.Get(2))
		return 0
	}
	at, v := float64(L.CheckNumber(2)), L.CheckAny(3)
	// Lua moves the elements after the place; a place after the end would make a gap
	if n := t.Len(); at > float64(n+1) && at >= 1<<16 || at != at {
		vm.raise(L, UsageError("table.insert: position %v is far after the end: the table has %d elements", at, n))
	}
	t.Insert(L.CheckInt(2), v)
	return 0
}

// sort sorts a copy, so that a table is unchanged if its sorting is stopped.
func (vm *VM) sort(L *lua.LState) int {
	t := L.CheckTable(1)
	s := &sorting{L: L, m: newMeter(L), values: make([]lua.LValue, t.Len())}
	if L.GetTop() != 1 {
		s.less = L.CheckFunction(2)
	}
	for i := range s.values {
		s.values[i] = t.RawGetInt(i + 1)
	}
	vm.guarded(L, func() { sort.Sort(s) })
	for i, v := range s.values {
		t.RawSetInt(i+1, v)
	}
	return 0
}

// sorting is a sort in progress.
type sorting struct {
	L      *lua.LState
	m      *Meter
	less   *lua.LFunction // nil for the order of numbers or bytes
	values []lua.LValue
}

func (s *sorting) Len() int      { return len(s.values) }
func (s *sorting) Swap(i, j int) { s.values[i], s.values[j] = s.values[j], s.values[i] }

func (s *sorting) Less(i, j int) bool {
	a, b := s.values[i], s.values[j]
	if s.less == nil {
		x, ok := a.(lua.LString)
		if y, both := b.(lua.LString); ok && both {
			s.m.spend(s.L, 1+min(len(x), len(y))/64)
			return x < y
		}
		s.m.spend(s.L, 1)
		return s.L.LessThan(a, b)
	}
	s.L.Push(s.less)
	s.L.Push(a)
	s.L.Push(b)
	s.L.Call(2, 1)
	less := lua.LVAsBool(s.L.Get(-1))
	s.L.Pop(1)
	return less
}
