package luabind_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

func TestMemoryOfAScript(t *testing.T) {
	h := newHost(t)
	vm := luabind.New(h, luabind.Options{Library: all.Library()})
	defer vm.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ctx, over := luabind.WatchMemory(ctx, 128<<20, nil)
	defer over()
	// also limited itself, so that a missing watch does not use up the memory
	err := vm.Run(ctx, "t.lua",
		[]byte(`local t = {} for i = 1, 4000 do t[i] = string.rep("x", 100000) .. i if i % 100 == 0 then smtp.sleep("30ms") end end`), nil)
	var memory *luabind.MemoryError
	if !errors.As(err, &memory) || memory.Limit != 128<<20 {
		t.Errorf("%v", err)
	}
	if ctx, over := luabind.WatchMemory(t.Context(), 0, nil); ctx != t.Context() {
		t.Error("no limit watches too")
		over()
	}
}
