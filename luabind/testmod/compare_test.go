package testmod

import (
	"context"
	"errors"
	"testing"

	"smtpsh/luabind"

	lua "github.com/yuin/gopher-lua"
)

// A comparison ends when its script is stopped, with the reason: one of two large lists,
// and a search that compares small ones very often.
func TestComparisonEndsWithItsScript(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	list := func(n int) *lua.LTable {
		t := &lua.LTable{Metatable: lua.LNil}
		for i := range n {
			t.RawSetInt(i+1, lua.LNumber(i))
		}
		return t
	}
	for _, tt := range []struct {
		name        string
		size, times int
	}{
		{"large lists", luabind.MeterStep, 1},
		{"small lists, often", 10, luabind.MeterStep / 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b, m := list(tt.size), list(tt.size), luabind.NewMeter(ctx)
			var err error
			for range tt.times {
				c := &comparer{m: m}
				c.same(a, b)
				if err = c.err(); err != nil {
					break
				}
			}
			if !errors.Is(err, stopped) {
				t.Errorf("%v, want %v", err, stopped)
			}
		})
	}
}
