package load

import (
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Snapshot is the state of the load at one moment, for a progress line.
type Snapshot struct {
	Elapsed  time.Duration // since the start
	Warming  bool          // not counted yet
	Ending   bool          // only running runs continue
	Sessions int64
	Busy     int64 // sessions in the middle of a run
	Waiting  int64 // arrivals without a free session
	Runs     int64 // of those that count
	Failed   int64
	Refused  int64   // replies 4xx and 5xx
	Rate     float64 // runs in the last second
	P50, P99 time.Duration
}

// Point is one interval of the load.
type Point struct {
	At       float64 `json:"at_s" doc:"end of the interval, in seconds since the start of the measured time"`
	Seconds  float64 `json:"seconds" doc:"length of the interval"`
	Runs     int64   `json:"runs" doc:"runs that ended in it"`
	Failed   int64   `json:"failed" doc:"runs that failed in it"`
	Refused  int64   `json:"refused_replies" doc:"replies 4xx and 5xx in it"`
	Sessions int64   `json:"sessions" doc:"open sessions at its end"`
	Busy     int64   `json:"busy_sessions" doc:"sessions with an active run at its end"`
	Waiting  int64   `json:"waiting_runs" doc:"runs that waited for a session at its end (open model)"`
	P50      Millis  `json:"p50_ms" doc:"median of the runs, in milliseconds"`
	P95      Millis  `json:"p95_ms" doc:"percentile of the runs, in milliseconds"`
	P99      Millis  `json:"p99_ms" doc:"percentile of the runs, in milliseconds"`
	Max      Millis  `json:"max_ms" doc:"longest run, in milliseconds"`

	spread []hdr.Bar // its latencies; nil for none
	max    time.Duration
}

// maxPoints limits the points; above it, pairs of neighbours are joined.
const maxPoints = 600

// collector reads the recorders every second.
type collector struct {
	r      *runner
	look   func(*Snapshot)
	begun  time.Time // of what counts
	warm   bool
	step   time.Duration // of one point
	points []Point
	since  time.Time // the last reading
	cost   *meter
	ended  time.Time // no further run began
	due    int64     // runs that should have begun until then, in the open model
	atEnd  Counts    // counts until then
	spent  Cost      // by the client

	givenUp bool // every run had failed
}

// leastFailed is the minimum number of failures before a load is given up.
const leastFailed = 3

func newCollector(r *runner, look func(*Snapshot)) *collector {
	return &collector{r: r, look: look, begun: r.start, since: r.start, step: time.Second, warm: r.plan.Warmup == 0, cost: newMeter()}
}

// run reads the recorders until the load has ended.
func (c *collector) run() {
	defer c.cost.stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var warm <-chan time.Time
	if !c.warm {
		t := time.NewTimer(c.r.plan.Warmup)
		defer t.Stop()
		warm = t.C
	}
	stopped := c.r.enough.Done()
	var giveUp <-chan time.Time
	if c.r.plan.GiveUp > 0 {
		t := time.NewTicker(c.r.plan.GiveUp)
		defer t.Stop()
		giveUp = t.C
	}
	for {
		select {
		case <-giveUp:
			switch good, failed := c.r.outcome(); {
			case good > 0:
				giveUp = nil
			case failed >= leastFailed:
				giveUp = nil
				c.givenUp = true
				c.r.stop()
			}
		case <-warm:
			warm = nil
			c.reset()
		case <-tick.C:
			c.second(wholeSecond)
		case <-stopped:
			stopped = nil
			c.end()
		case <-c.r.quiet:
			if c.ended.IsZero() || c.r.plan.Duration == 0 { // the last message is the end
				c.end()
			}
			c.second(lastPart)
			return
		}
	}
}

// end reads the counts for the rates and the client's cost. Runs that have not ended are
// not part of them.
func (c *collector) end() {
	c.ended = time.Now()
	c.due = c.r.plan.due(c.ended.Sub(c.r.start))
	c.atEnd = Counts{}
	for _, l := range c.r.workers {
		l.Recorder.locked(func() { c.atEnd.add(l.Recorder.counts) })
	}
	c.spent = c.cost.cost(c.atEnd.Runs)
}

// reset begins the measured part after the warm-up.
func (c *collector) reset() {
	c.warm, c.step = true, time.Second
	c.r.warm.Store(c.r.begun.Load())
	for _, l := range c.r.workers {
		l.Recorder.reset()
	}
	c.begun, c.since, c.points = time.Now(), time.Now(), nil
	c.cost.reset()
	c.r.counting.Store(true)
}

// part says whether a second of the run is whole.
type part bool

const (
	lastPart    part = true
	wholeSecond part = false
)

// second adds a point for the time since the last one.
func (c *collector) second(last part) {
	now := time.Now()
	all, n, total := newSketch(), moment{}, Counts{}
	for _, l := range c.r.workers {
		rec := l.Recorder
		rec.locked(func() {
			if rec.second != nil {
				all.merge(rec.second)
				rec.second = nil
			}
			n.runs += rec.moment.runs
			n.failed += rec.moment.failed
			n.refused += rec.moment.refused
			rec.moment = moment{}
			total.add(rec.counts)
		})
	}
	p := Point{At: now.Sub(c.begun).Seconds(), Seconds: now.Sub(c.since).Seconds(), Runs: n.runs, Failed: n.failed, Refused: n.refused,
		Sessions: c.r.sessions.Load(), Busy: c.r.busy.Load(), Waiting: c.waiting(now), max: all.max}
	for _, b := range all.hist.Distribution() {
		if b.Count > 0 {
			p.spread = append(p.spread, b)
		}
	}
	p.P50, p.P95, p.P99, p.Max = Millis(all.quantile(50)), Millis(all.quantile(95)), Millis(all.quantile(99)), Millis(all.max)
	if c.since = now; !last || p.Seconds > 0.2 || len(c.points) == 0 {
		c.keep(p)
	} else { // a short remainder is joined with the previous point
		c.points[len(c.points)-1] = join(c.points[len(c.points)-1], p)
	}
	if c.look != nil {
		c.look(&Snapshot{
			Elapsed: now.Sub(c.r.start), Warming: !c.warm, Ending: !c.ended.IsZero(),
			Sessions: p.Sessions, Busy: p.Busy, Waiting: p.Waiting, Runs: total.Runs,
			Failed: total.Failed, Refused: total.Refused,
			Rate: float64(p.Runs) / max(p.Seconds, 0.001), P50: time.Duration(p.P50),
			P99: time.Duration(p.P99),
		})
	}
}

// waiting returns the number of runs that should have begun and have not.
func (c *collector) waiting(now time.Time) int64 {
	if c.r.plan.Rate == 0 {
		return 0
	}
	due := c.due
	if c.ended.IsZero() {
		due = c.r.plan.due(now.Sub(c.r.start))
	}
	if left := due - c.r.begun.Load(); left > 1 { // one is being assigned to a session
		return left
	}
	return 0
}

// keep adds a point, and halves the points if there are too many.
func (c *collector) keep(p Point) {
	if n := len(c.points); n > 0 && c.points[n-1].Seconds+p.Seconds <= c.step.Seconds()*1.5 && c.step > time.Second {
		c.points[n-1] = join(c.points[n-1], p)
		return
	}
	c.points = append(c.points, p)
	if len(c.points) <= maxPoints {
		return
	}
	half := c.points[:0]
	for i := 0; i+1 < len(c.points); i += 2 {
		half = append(half, join(c.points[i], c.points[i+1]))
	}
	if len(c.points)%2 == 1 {
		half = append(half, c.points[len(c.points)-1])
	}
	c.points, c.step = half, 2*c.step
}

// join combines two neighbouring points.
func join(a, b Point) Point {
	s := newSketch()
	for _, x := range append(a.spread, b.spread...) {
		s.hist.RecordValues(x.From, x.Count) //nolint:errcheck // it came from such a histogram
	}
	s.min, s.max = 0, max(a.max, b.max)
	b.Seconds += a.Seconds
	b.Runs, b.Failed, b.Refused = a.Runs+b.Runs, a.Failed+b.Failed, a.Refused+b.Refused
	b.max, b.Max = s.max, Millis(s.max)
	b.P50, b.P95, b.P99 = Millis(s.quantile(50)), Millis(s.quantile(95)), Millis(s.quantile(99))
	b.spread = nil
	for _, x := range s.hist.Distribution() {
		if x.Count > 0 {
			b.spread = append(b.spread, x)
		}
	}
	return b
}
