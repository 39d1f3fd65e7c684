package luabind

import (
	"context"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// What one call of a library function may use.
const (
	// MaxString is how many octets a string may have that a call or an expression makes:
	// running out of memory cannot be caught.
	MaxString = 64 << 20
	// maxValues is how many values a call may return one by one: each takes a place on
	// the stack.
	maxValues = 100_000
	// maxArgument is how many octets an argument may have that is no content: a name, an
	// address, a command.
	maxArgument = 1 << 20
	// MaxTexts is how many octets the texts of a list may have together.
	MaxTexts = 16 << 20
	// MaxMessage is how many octets the texts and files of a message may have together,
	// and a message that is read.
	MaxMessage = 32 << 20
	// maxSource is how many octets of Lua loadstring compiles.
	maxSource = 256 << 10
)

// MeterStep is how much work is done between two looks at the context; a unit is about
// what takes ten nanoseconds.
const MeterStep = 1 << 16

// Meter counts the work of one call, so that it ends when its script is stopped.
type Meter struct {
	ctx  context.Context
	work int
}

// NewMeter counts work that ends when ctx does.
func NewMeter(ctx context.Context) *Meter { return &Meter{ctx: ctx} }

func newMeter(L *lua.LState) *Meter {
	ctx := L.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	return NewMeter(ctx)
}

// Meter counts the work of this call.
func (c *Call) Meter() *Meter { return newMeter(c.L) }

// Add counts n units. The error is why the script is being stopped.
func (m *Meter) Add(n int) error {
	if m.work += n; m.work < MeterStep {
		return nil
	}
	m.work = 0
	if m.ctx.Err() != nil { //mutant:work-is-stopped never
		return context.Cause(m.ctx)
	}
	return nil
}

// spend is add for functions of Lua's own libraries: it raises the error.
func (m *Meter) spend(L *lua.LState, n int) {
	if err := m.Add(n); err != nil {
		L.RaiseError("%v", err)
	}
}

// tooLarge says of a text, or of a list of texts, that it is larger than what p takes, and
// what that is; "" when it is not.
func tooLarge(p Param, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		if len(v) > maxArgument && !p.Large { //mutant:names-are-not-large never
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
		if n > maxValues || octets > MaxTexts {
			return fmt.Sprintf("%d elements with %d octets, and at most %d with %d are allowed", n, octets, maxValues, MaxTexts)
		}
	}
	return ""
}
