package load

import (
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Names of latencies that are not verbs.
const (
	Connect  = "connect"  // name resolution and TCP
	Greeting = "greeting" // from the connection, or implicit TLS, to the greeting
	TLS      = "tls"      // the handshake
	Auth     = "auth"     // from AUTH to its final reply, challenges included
	Message  = "message"  // from DATA, or the first BDAT, to the reply to its end
	Setup    = "setup"    // the setup of a script, before the function that it returns
	Wait     = "wait"     // wait for a free session, in the open model
	Whole    = "whole"    // a successful run, from its arrival
	Failed   = "failed"   // a failed run, from its arrival
)

// phases are those latencies in the order of reports, with their meaning.
var phases = []struct{ name, doc string }{
	{Connect, "name resolution and TCP"},
	{Greeting, "from the connection to the greeting"},
	{TLS, "the TLS handshake"},
	{Auth, "from AUTH to its final reply"},
	{Message, "from DATA or BDAT to the reply to the message"},
	{Setup, "set-up of the script, up to the function that it returns"},
	{Wait, "wait of a run for a free session, from its planned start (with --rate)"},
	{Whole, "a complete run that succeeded"},
	{Failed, "a run that failed"},
}

// dot is the name of the latency of a message's reply.
const dot = "."

// Latencies are measured in nanoseconds, from 64 ns up, with three significant digits.
const (
	lowest  = 100
	highest = int64(time.Hour)
	digits  = 3
)

// series is the latencies of one step, with their exact extremes.
type series struct {
	hist     *hdr.Histogram
	min, max time.Duration
	sum      time.Duration
}

func newSeries() *series { return &series{hist: hdr.New(lowest, highest, digits)} }

// newSketch makes a series of two digits, from a microsecond up, for plots over time: it
// needs a tenth of the memory.
func newSketch() *series {
	return &series{hist: hdr.New(int64(time.Microsecond), highest, 2)}
}

func (s *series) add(d time.Duration) {
	d = max(0, min(d, time.Duration(highest)))
	if n := s.hist.TotalCount(); n == 0 || d < s.min {
		s.min = d
	}
	s.max = max(s.max, d)
	s.sum += d
	s.hist.RecordValue(int64(d)) //nolint:errcheck // it is within the limits
}

func (s *series) merge(o *series) {
	if o.hist.TotalCount() == 0 {
		return
	}
	if s.hist.TotalCount() == 0 || o.min < s.min {
		s.min = o.min
	}
	s.max = max(s.max, o.max)
	s.sum += o.sum
	s.hist.Merge(o.hist)
}

func (s *series) count() int64 { return s.hist.TotalCount() }

// quantile returns the latency that p of 100 do not exceed.
func (s *series) quantile(p float64) time.Duration {
	if s.count() == 0 {
		return 0
	}
	return max(s.min, min(time.Duration(s.hist.ValueAtQuantile(p)), s.max))
}

func (s *series) mean() time.Duration {
	if s.count() == 0 {
		return 0
	}
	return s.sum / time.Duration(s.count())
}
