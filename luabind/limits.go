package luabind

import (
	"context"
	"time"
)

// Limits limits the resources of scripts. The zero value limits nothing.
type Limits struct {
	Memory int64         // bytes of the whole program; 0 for no limit
	Time   time.Duration // from [Limits.Bound] on; 0 for no limit
	// Beyond, if not nil, is called when memory grows to twice the limit although the
	// context has ended. It should end the process.
	Beyond func(error)
}

// Bound returns a context that ends when a limit is reached, with a [*MemoryError] or
// context.DeadlineExceeded. The function that it returns ends the watch.
func (l Limits) Bound(ctx context.Context) (context.Context, func()) {
	ctx, over := WatchMemory(ctx, l.Memory, l.Beyond)
	if l.Time <= 0 { //mutant:a-script-ends-at-its-deadline always
		return ctx, over
	}
	ctx, cancel := context.WithTimeout(ctx, l.Time)
	return ctx, func() {
		cancel()
		over()
	}
}
