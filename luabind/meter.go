package luabind

import (
	"context"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Limits on one call of a library function.
const (
	// MaxString limits a string that a call or an expression makes, in bytes: running out
	// of memory cannot be caught.
	MaxString = 64 << 20
	// maxValues limits the number of results of a call: each needs a place on the stack.
	maxValues = 100_000
	// maxArgument limits an argument that is not content, in bytes: a name, an address, a
	// command.
	maxArgument = 1 << 20
	// MaxTexts limits the texts of a list together, in bytes.
	MaxTexts = 16 << 20
	// MaxMessage limits the texts and files of a message together, and a message that is
	// read, in bytes.
	MaxMessage = 32 << 20
	// maxSource limits the Lua that loadstring compiles, in bytes.
	maxSource = 256 << 10
)

// MeterStep is the work between two checks of the context; one unit takes about ten
// nanoseconds.
const MeterStep = 1 << 16

// Meter counts the work of one call, so that the call ends when its script is stopped.
type Meter struct {
	ctx  context.Context
	work int
}

// NewMeter returns a meter that ends when ctx ends.
func NewMeter(ctx context.Context) *Meter { return &Meter{ctx: ctx} }

func newMeter(L *lua.LState) *Meter {
	ctx := L.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	return NewMeter(ctx)
}

// Meter returns the meter of this call.
func (c *Call) Meter() *Meter { return newMeter(c.L) }

// Add counts n units. The error is the reason why the script is stopped.
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

// spend is Add for functions of Lua's libraries: it raises the error.
func (m *Meter) spend(L *lua.LState, n int) {
	if err := m.Add(n); err != nil {
		L.RaiseError("%v", err)
	}
}

// tooLarge returns a text about an argument that is larger than p allows, or "".
func tooLarge(p Param, v lua.LValue) string {
	switch v := v.(type) {
	case lua.LString:
		if len(v) > maxArgument && !p.Large { //mutant:names-are-not-large never
			return fmt.Sprintf("%d bytes, and at most %d are allowed", len(v), maxArgument)
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
			return fmt.Sprintf("%d elements with %d bytes, and at most %d with %d are allowed", n, octets, maxValues, MaxTexts)
		}
	}
	return ""
}
