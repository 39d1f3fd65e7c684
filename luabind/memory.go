package luabind

import (
	"context"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// MemoryError is why a script was stopped that used too much memory.
type MemoryError struct{ Limit int64 }

// Error says how much it may use.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("the script uses more than %d MiB", e.Limit>>20)
}

// memoryStep is how often the memory is looked at: a script allocates a few hundred
// MiB in that time at most.
const memoryStep = 20 * time.Millisecond

// What is looked at: what is reachable or not collected yet, and the stacks of tasks.
const (
	liveObjects = "/memory/classes/heap/objects:bytes"
	stacks      = "/memory/classes/heap/stacks:bytes"
)

// manyObjects is from where on garbage is collected earlier: with ten thousand sessions
// open, waiting until there is as much garbage as there is in use takes too much memory,
// while a small script would only lose time by it.
const manyObjects = 32 << 20

// collectEagerly lets a quarter as much garbage pile up, unless the user has set something
// else with GOGC. The function that it returns takes that back.
func collectEagerly() (back func()) {
	const usual, early = 100, 25
	before := debug.SetGCPercent(early)
	if before != usual {
		debug.SetGCPercent(before)
		return func() {}
	}
	return func() { debug.SetGCPercent(usual) }
}

// WatchMemory cancels the context that it returns, with a [*MemoryError], when the
// program's objects take more than limit octets; write 0 for no limit. The interpreter has
// no limit of its own, so the whole program is looked at: what it needs besides
// scripts is small. The function that it returns ends the watch.
//
// What is under way sees that the context is over and ends. When the memory grows to
// twice the limit nevertheless, beyond is called, if it is not nil: it is to end the
// process, before the machine suffers.
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
