package luabind

import (
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Two instructions of the interpreter can use any amount of memory in one step, and it has
// no option to limit them: a .. b .. c makes one string of up to 250 parts, and t[67108863]
// = 1 fills the places below. This file limits both.

// maxElements limits the number of consecutive elements of a table from 1 on. A larger
// number is a key like any other.
const maxElements = 1<<22 - 1

// instruction executes one instruction of a thread. The frame belongs to the interpreter.
type instruction = func(L *lua.LState, code uint32, frame unsafe.Pointer) int

// instructions is the interpreter's table of what each instruction does. It has no name
// outside its package; TestInstructions fails if a new version of the library has another
// table.
//
//go:linkname instructions github.com/yuin/gopher-lua.jumpTable
var instructions [lua.OP_NOP + 1]instruction

// boundInstructions sets the limits for all VMs.
var boundInstructions = sync.OnceFunc(func() {
	//mutant:a-table-has-a-limit is "lua.MaxArrayIndex = maxElements + 1" "_ = maxElements"
	lua.MaxArrayIndex = maxElements + 1
	concat, store := instructions[lua.OP_CONCAT], instructions[lua.OP_SETTABLE]
	instructions[lua.OP_CONCAT] = func(L *lua.LState, code uint32, frame unsafe.Pointer) int {
		total := 0
		for r := register(code); r <= register(code>>9); r++ {
			if s, ok := L.Get(r + 1).(lua.LString); ok {
				total += len(s)
			}
		}
		if total > MaxString { //mutant:texts-that-are-joined-are-bounded is "MaxString" "MaxString<<10"
			L.RaiseError("the joined text has %d bytes, which is more than %d", total, MaxString)
		}
		return concat(L, code, frame)
	}
	instructions[lua.OP_SETTABLE] = func(L *lua.LState, code uint32, frame unsafe.Pointer) int {
		// a constant key has the bit 1<<8; a key after the last place makes a gap there
		if key := register(code); key < 1<<8 && L.Get(key+1) == lua.LNumber(maxElements+1) {
			if t, ok := L.Get(int(code>>18)&0xff + 1).(*lua.LTable); ok && isFull(t) {
				L.RaiseError("the table is full: it has %d elements", maxElements)
			}
		}
		return store(L, code, frame)
	}
})

// register returns the operand in the lowest nine bits.
func register(code uint32) int { return int(code & 0x1ff) }

// isFull reports whether t has an element at every possible place.
func isFull(t *lua.LTable) bool { return t.RawGetInt(maxElements) != lua.LNil }
