package sandbox

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// noticeKind is what a line on the console is about.
type noticeKind int

const (
	noticeDropped  noticeKind = iota // kept messages
	noticeMemory                     // new work that was refused
	noticeDisk                       // messages that found no room in temporary files
	noticeUnsaved                    // messages that could not be saved
	noticeConns                      // connections
	noticeCommands                   // commands
	noticeLogins                     // failed logins
	noticeKinds
)

// repeated is what is counted of each kind.
var repeated = [noticeKinds]string{
	"kept messages dropped for newer ones",
	"commands or connections refused for want of memory",
	"messages rejected because temporary files are full",
	"messages rejected because they could not be saved",
	"connections refused by the limit",
	"connections closed by the limit on commands", "logins refused by the limit",
}

// What repeats is counted for so long before the count is told; each time twice as long,
// up to the second number.
const (
	noticeFirst = 10 * time.Second
	noticeLast  = 10 * time.Minute
)

// notices reports on the console that a limit was reached: the first time at once, then as
// a count from time to time. So a flood makes only a few lines.
type notices struct {
	say   func(string) // nil for nobody
	first time.Duration
	kinds [noticeKinds]notice
}

type notice struct {
	untold atomic.Int64 // since the last line
	busy   atomic.Bool  // a line was written lately

	mu    sync.Mutex
	timer *time.Timer
	every time.Duration
	over  bool
}

// tell says text, or counts it when a line of its kind was written lately.
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

// count tells how often something was repeated, and waits again if it was.
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

// shortly writes whole minutes and seconds as people do.
func shortly(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%v s", d.Seconds())
}

// close tells what is still to be told; afterwards nothing is.
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
