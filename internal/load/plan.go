package load

import (
	"fmt"
	"math"
	"time"
)

// Plan describes a load: sessions, rate and duration.
type Plan struct {
	// Sessions is the number of sessions; with a Rate, the maximum.
	Sessions int
	// Rate is the number of runs that begin per second. 0 selects the closed model, in which
	// each session begins a run when its previous one has ended.
	Rate float64
	// Duration is the time in which runs begin, without the warm-up. 0 means that only
	// Messages ends the load.
	Duration time.Duration
	// Messages ends the load when this number of messages or runs has begun, whichever is
	// first. Running runs continue. 0 is no limit.
	Messages int64
	// Ramp is the time in which the sessions or the rate grow evenly to their full value.
	Ramp time.Duration
	// Warmup is the time at the start that is not counted.
	Warmup time.Duration
	// Drain is the time limit for runs that have not ended at the end of the load.
	Drain time.Duration
	// GiveUp ends the load if every run has failed in this time since the start. 0 means
	// DefaultGiveUp; a negative time means never.
	GiveUp time.Duration
}

// Limits of a plan.
const (
	MaxSessions = 100_000
	MaxRate     = 1_000_000
	maxTime     = 7 * 24 * time.Hour
)

// Defaults of a plan.
const (
	DefaultSessions     = 10
	DefaultOpenSessions = 1000
	DefaultDuration     = 10 * time.Second
	DefaultDrain        = 10 * time.Second
	DefaultGiveUp       = 5 * time.Second
)

// Check sets the defaults of a plan and returns an error if a value is invalid.
func (p *Plan) Check() error {
	if p.Sessions == 0 {
		if p.Sessions = DefaultSessions; p.Rate > 0 {
			p.Sessions = DefaultOpenSessions
		}
	}
	if p.Duration == 0 && p.Messages == 0 {
		p.Duration = DefaultDuration
	}
	if p.Drain == 0 {
		p.Drain = DefaultDrain
	}
	if p.GiveUp == 0 {
		p.GiveUp = DefaultGiveUp
	}
	switch {
	case p.Sessions < 1 || p.Sessions > MaxSessions:
		return fmt.Errorf("--sessions: want 1 to %d, got %d", MaxSessions, p.Sessions)
	case p.Rate != 0 && !(p.Rate >= 0.001 && p.Rate <= MaxRate):
		return fmt.Errorf("--rate: want 0.001 to %d runs in a second, got %g", MaxRate, p.Rate)
	case p.Messages < 0:
		return fmt.Errorf("--messages: want a number of messages, got %d", p.Messages)
	}
	for _, d := range []struct {
		flag string
		d    time.Duration
	}{{"--duration", p.Duration}, {"--ramp", p.Ramp}, {"--warmup", p.Warmup}, {"--drain", p.Drain}} {
		if d.d < 0 || d.d > maxTime {
			return fmt.Errorf("%s: want a time up to %v, got %v", d.flag, maxTime, d.d)
		}
	}
	if p.Ramp > 0 && p.Duration > 0 && p.Ramp > p.Warmup+p.Duration {
		return fmt.Errorf("--ramp: %v is longer than the whole load of %v", p.Ramp, p.Warmup+p.Duration)
	}
	return nil
}

// arrival returns when run n, counted from 0, begins after the start in the open model. The
// rate grows evenly during the ramp, so the number of arrivals grows with the square of
// the time.
func (p *Plan) arrival(n int64) time.Duration {
	ramp := p.Ramp.Seconds()
	inRamp := p.Rate * ramp / 2 // arrivals during the ramp
	var at float64
	if x := float64(n); x < inRamp {
		at = math.Sqrt(2 * x * ramp / p.Rate)
	} else {
		at = ramp + (x-inRamp)/p.Rate
	}
	return time.Duration(at * float64(time.Second))
}

// due returns the number of runs that have arrived at a time after the start: the inverse
// of arrival.
func (p *Plan) due(at time.Duration) int64 {
	t, ramp := at.Seconds(), p.Ramp.Seconds()
	if t < ramp {
		return int64(p.Rate*t*t/(2*ramp)) + 1
	}
	return int64(p.Rate*(t-ramp/2)) + 1
}

// entrance returns when session k, counted from 0, begins after the start in the closed
// model.
func (p *Plan) entrance(k int) time.Duration {
	return time.Duration(float64(p.Ramp) * float64(k) / float64(p.Sessions))
}
