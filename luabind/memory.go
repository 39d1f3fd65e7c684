package luabind

import (
	"context"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// MemoryError is the reason why a script was stopped that used too much memory.
type MemoryError struct{ Limit int64 }

// Error returns the limit.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("the script uses more than %d MiB", e.Limit>>20)
}

// memoryStep is the time between two checks of the memory. A script allocates a few hundred
// MiB in that time at most.
const memoryStep = 20 * time.Millisecond

// What is checked: memory that is reachable or not collected yet, and the stacks of tasks.
const (
	liveObjects = "/memory/classes/heap/objects:bytes"
	stacks      = "/memory/classes/heap/stacks:bytes"
)

// manyObjects is the size from which garbage is collected earlier. With ten thousand open
// sessions, as much garbage as used memory is too much, while a small script would only
// become slower.
const manyObjects = 32 << 20

// collectEagerly lowers the amount of garbage to a quarter of the used memory, unless the
// user has set GOGC. The function that it returns undoes this.
func collectEagerly() (back func()) {
	const usual, early = 100, 25
	before := debug.SetGCPercent(early)
	if before != usual {
		debug.SetGCPercent(before)
		return func() {}
	}
	return func() { debug.SetGCPercent(usual) }
}

// WatchMemory cancels the context that it returns, with a [*MemoryError], if the objects of
// the program use more than limit bytes; 0 means no limit. The interpreter has no limit of
// its own, so the whole program counts; without scripts it needs little. The function that
// it returns ends the watch.
//
// Running code notices the end of the context and ends. If the memory grows to twice the
// limit nevertheless, beyond is called, if it is not nil. It should end the process before
// the machine is affected.
func WatchMemory(ctx context.Context, limit int64, beyond func(error)) (context.Context, func()) {
	if limit <= 0 {
		return ctx, func() {}
	}
	over := make(chan struct{})
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		sample := []metrics.Sample{{Name: liveObjects}, {Name: stacks}}
		tick := time.NewTicker(memoryStep)
		defer tick.Stop()
		eager := false
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			metrics.Read(sample)
			//mutant:stacks-are-memory is "+ sample[1].Value.Uint64()" ""
			used := int64(sample[0].Value.Uint64() + sample[1].Value.Uint64())
			if used > manyObjects && !eager {
				eager = true
				defer collectEagerly()()
			}
			if used > limit { //mutant:a-scripts-memory-is-bounded is "limit" "1<<62"
				cancel(&MemoryError{limit})
			}
			if used > 2*limit && beyond != nil {
				beyond(&MemoryError{limit})
				return
			}
		}
	}()
	return ctx, func() {
		close(over)
		cancel(nil)
	}
}
