package luabind

import (
	"context"
	"fmt"
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

// liveObjects is the memory of what is reachable or not collected yet.
const liveObjects = "/memory/classes/heap/objects:bytes"

// WatchMemory cancels the context that it returns, with a [*MemoryError], when the
// program's objects take more than limit octets; 0 is no limit. The interpreter has
// no limit of its own, so the whole program is looked at: what it needs besides
// scripts is small. The function that it returns ends the watch.
func WatchMemory(ctx context.Context, limit int64) (context.Context, func()) {
	if limit <= 0 {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		sample := []metrics.Sample{{Name: liveObjects}}
		tick := time.NewTicker(memoryStep)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if metrics.Read(sample); int64(sample[0].Value.Uint64()) > limit {
				cancel(&MemoryError{limit})
				return
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}
