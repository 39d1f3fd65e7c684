package sandbox

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// noticeKind is the subject of a line on the console.
type noticeKind int

const (
	noticeDropped  noticeKind = iota // kept messages
	noticeMemory                     // commands or connections rejected without memory
	noticeDisk                       // messages that did not fit into temporary files
	noticeUnsaved                    // messages that could not be saved
	noticeConns                      // connections
	noticeCommands                   // commands
	noticeLogins                     // failed logins
	noticeKinds
)

// repeated is the text after the count of each kind.
var repeated = [noticeKinds]string{
	"kept messages dropped for newer ones",
	"commands or connections rejected because of the memory limit",
	"messages rejected because they did not fit into temporary files",
	"messages rejected because they could not be saved",
	"connections rejected because of the connection limit",
	"connections closed because of the command limit",
	"logins rejected because of the login limit",
}

// A repeated event is reported as a count after noticeFirst. Each further interval is twice
// as long, up to noticeLast.
const (
	noticeFirst = 10 * time.Second
	noticeLast  = 10 * time.Minute
)

// notices reports on the console that a limit is reached: the first time at once, then as
// a count at intervals. So a flood causes only a few lines.
type notices struct {
	say   func(string) // nil for no console
	first time.Duration
	kinds [noticeKinds]notice
}

type notice struct {
	untold atomic.Int64 // events since the last line
	busy   atomic.Bool  // a line was written in the current interval

	mu    sync.Mutex
	timer *time.Timer
	every time.Duration
	over  bool
}

// tell reports text, or counts it if the current interval already has a line of its kind.
func (n *notices) tell(kind noticeKind, times int, text func() string) {
	if n.say == nil {
		return
	}
	x := &n.kinds[kind]
	if !x.busy.CompareAndSwap(false, true) { //mutant:limits-are-announced-once never
		x.untold.Add(int64(times))
		return
	}
	x.untold.Add(int64(times - 1))
	x.mu.Lock()
	if x.over {
		x.mu.Unlock()
		return
	}
	x.every = n.first
	x.timer = time.AfterFunc(x.every, func() { n.count(kind) })
	x.mu.Unlock()
	n.say(text())
}

// count reports the events since the last line and starts the next interval if there are any.
func (n *notices) count(kind noticeKind) {
	x := &n.kinds[kind]
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over {
		return
	}
	more := x.untold.Swap(0)
	if more == 0 {
		x.busy.Store(false)
		return
	}
	n.say(fmt.Sprintf("... and %d more in the last %v: %s", more, shortly(x.every), repeated[kind]))
	x.every = min(2*x.every, noticeLast)
	x.timer = time.AfterFunc(x.every, func() { n.count(kind) })
}

// shortly formats a duration as "2 min" or "10 s".
func shortly(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%v s", d.Seconds())
}

// close reports the remaining counts. After it nothing is reported.
func (n *notices) close() {
	for kind := range n.kinds {
		x := &n.kinds[kind]
		x.mu.Lock()
		if x.timer != nil {
			x.timer.Stop()
		}
		if more := x.untold.Swap(0); more > 0 && !x.over && n.say != nil {
			n.say(fmt.Sprintf("... and %d more: %s", more, repeated[kind]))
		}
		x.over = true
		x.mu.Unlock()
	}
}
