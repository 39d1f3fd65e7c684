package luabind

import (
	"context"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// What one call of a library function may use.
const (
	// maxString is how many octets a string may have that a call or an expression makes:
	// running out of memory cannot be caught.
	maxString = 64 << 20
	// maxValues is how many values a call may return one by one: each takes a place on
	// the stack.
	maxValues = 100_000
	// maxArgument is how many octets an argument may have that is no content: a name, an
	// address, a command.
	maxArgument = 1 << 20
	// maxTexts is how many octets the texts of a list may have together.
	maxTexts = 16 << 20
	// maxMessage is how many octets the texts and files of a message may have together,
	// and a message that is read.
	maxMessage = 32 << 20
	// maxSource is how many octets of Lua loadstring compiles.
	maxSource = 256 << 10
)

// meterStep is how much work is done between two looks at the context; a unit is about
// what takes ten nanoseconds.
const meterStep = 1 << 16

// meter counts the work of one call, so that it ends when its script is stopped.
type meter struct {
	ctx  context.Context
	work int
}

func newMeter(L *lua.LState) *meter {
	ctx := L.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	return &meter{ctx: ctx}
}

func (c *Call) meter() *meter { return newMeter(c.L) }

// add counts n units. The error is why the script is being stopped.
func (m *meter) add(n int) error {
	if m.work += n; m.work < meterStep {
		return nil
	}
	m.work = 0
	if m.ctx.Err() != nil {
		return context.Cause(m.ctx)
	}
	return nil
}

// spend is add for functions of Lua's own libraries: it raises the error.
func (m *meter) spend(L *lua.LState, n int) {
	if err := m.add(n); err != nil {
		L.RaiseError("%v", err)
	}
}

// tooLarge says of a text, or of a list of texts, that it is larger than what p takes, and
// what that is; "" when it is not.
func tooLarge(p Param, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		if len(v) > maxArgument && !p.Large {
			return fmt.Sprintf("%d octets, and at most %d are allowed", len(v), maxArgument)
		}
	case *lua.LTable:
		if !strings.HasSuffix(p.Type, "string[]") && !strings.HasPrefix(p.Type, "table<") {
			return ""
		}
		n, octets := 0, 0
		v.ForEach(func(k, x lua.LValue) {
			n++
			for _, t := range [...]lua.LValue{k, x} {
				if s, ok := t.(lua.LString); ok {
					octets += len(s)
				}
			}
		})
		if n > maxValues || octets > maxTexts {
			return fmt.Sprintf("%d elements with %d octets, and at most %d with %d are allowed", n, octets, maxValues, maxTexts)
		}
	}
	return ""
}
