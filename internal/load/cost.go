package load

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// Cost is the resources of the client. It includes the sandbox if that is in the same
// process.
type Cost struct {
	CPU        float64 `json:"cpu_s" doc:"processor time, in seconds"`
	Cores      int     `json:"cores" doc:"available processor cores"`
	Share      float64 `json:"cpu_share" doc:"used share of the cores, 0 to 1"`
	PerRun     float64 `json:"cpu_us_per_run" doc:"processor time for each run, in microseconds"`
	Collecting float64 `json:"gc_share" doc:"share of the processor time that garbage collection took, 0 to 1"`
	Memory     int64   `json:"peak_memory_octets" doc:"maximum memory, in bytes"`
	Late       Millis  `json:"timer_late_p99_ms" doc:"client timer lag: 99th percentile, in milliseconds"`
	LateMax    Millis  `json:"timer_late_max_ms" doc:"client timer lag: maximum, in milliseconds"`
	Sandbox    bool    `json:"sandbox_included" doc:"the sandbox ran in the same process and is included in these numbers"`
}

// busyShare is the share of the processors above which the client may be what limits
// the rate.
const busyShare = 0.8

// Busy reports whether the client may be the bottleneck.
func (c *Cost) Busy() bool { return c.Share >= busyShare }

// meter measures the client.
type meter struct {
	mu    sync.Mutex
	begun time.Time
	cpu   time.Duration
	gc    float64
	late  *series
	done  chan struct{}
	ended sync.WaitGroup
}

// lateStep is the interval of the timer whose delay is measured.
const lateStep = 20 * time.Millisecond

func newMeter() *meter {
	m := &meter{done: make(chan struct{})}
	m.reset()
	m.ended.Add(1)
	go m.watch()
	return m
}

// watch measures how late timers are: all waits of the client are as late.
func (m *meter) watch() {
	defer m.ended.Done()
	t := time.NewTimer(lateStep)
	defer t.Stop()
	for {
		due := time.Now().Add(lateStep)
		t.Reset(lateStep)
		select {
		case <-m.done:
			return
		case <-t.C:
		}
		m.mu.Lock()
		m.late.add(max(0, time.Since(due)))
		m.mu.Unlock()
	}
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun, m.cpu, m.gc, m.late = time.Now(), processTime(), collecting(), newSeries()
}

func (m *meter) stop() {
	close(m.done)
	m.ended.Wait()
}

// cost returns the cost since the last reset, for a number of runs.
func (m *meter) cost(runs int64) Cost {
	m.mu.Lock()
	defer m.mu.Unlock()
	cpu := processTime() - m.cpu
	c := Cost{
		CPU: cpu.Seconds(), Cores: runtime.GOMAXPROCS(0), Memory: peakMemory(),
		Late: Millis(m.late.quantile(99)), LateMax: Millis(m.late.max),
	}
	if all := time.Since(m.begun).Seconds() * float64(c.Cores); all > 0 {
		c.Share = min(1, c.CPU/all)
	}
	if runs > 0 {
		c.PerRun = c.CPU * 1e6 / float64(runs)
	}
	if c.CPU > 0 {
		c.Collecting = min(1, (collecting()-m.gc)/c.CPU)
	}
	return c
}

// collecting returns the processor time of the garbage collector in seconds, without idle
// processors.
func collecting() float64 {
	s := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}, {Name: "/cpu/classes/gc/mark/idle:cpu-seconds"}}
	metrics.Read(s)
	return s[0].Value.Float64() - s[1].Value.Float64()
}
