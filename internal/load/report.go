package load

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"smtpsh/transcript"
)

// Millis is a duration that JSON writes as milliseconds.
type Millis time.Duration

// MarshalJSON writes milliseconds to the microsecond.
func (m Millis) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, math.Round(float64(m)/1e3)/1e3, 'f', -1, 64), nil
}

// UnmarshalJSON reads milliseconds.
func (m *Millis) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(b), 64)
	*m = Millis(f * 1e6)
	return err
}

// Report is the result of a load.
type Report struct {
	Version      string             `json:"smtpsh" doc:"version of smtpsh"`
	Script       string             `json:"script" doc:"file or name of the script"`
	Target       string             `json:"target" doc:"server under load"`
	TargetNote   string             `json:"target_note,omitempty" doc:"origin of the target, if it is the default"`
	Started      time.Time          `json:"started" doc:"start of the measured time"`
	Plan         PlanText           `json:"plan" doc:"the plan of the load"`
	Elapsed      float64            `json:"elapsed_s" doc:"measured seconds: without the warm-up and the time after the last run"`
	Interrupted  bool               `json:"interrupted" doc:"the user stopped the load"`
	GivenUp      bool               `json:"given_up" doc:"the load stopped early because every run failed"`
	NotBegun     int64              `json:"not_begun" doc:"runs that could not begin because no session was free (open model)"`
	Counts       Counts             `json:"counts" doc:"numbers of the whole load"`
	RunRate      float64            `json:"runs_per_s" doc:"runs for each second while runs began"`
	MessageRate  float64            `json:"messages_per_s" doc:"messages that the server accepted for each second"`
	Latencies    []Latency          `json:"latencies" doc:"how long verbs and phases took; percentiles have three digits"`
	Replies      []Replies          `json:"replies" doc:"how often each verb got each code"`
	Errors       map[string]Failure `json:"errors" doc:"errors by their kind"`
	Points       []Point            `json:"points" doc:"the load over time"`
	Client       Cost               `json:"client" doc:"resources that the client used"`
	Expectations []Verdict          `json:"expectations" doc:"thresholds of --expect and their results"`

	series map[string]*series
}

// PlanText is the plan as it was carried out.
type PlanText struct {
	Model    string  `json:"model" doc:"closed: a fixed number of sessions; open: runs begin at a fixed rate"`
	Sessions int     `json:"sessions" doc:"maximum number of sessions"`
	Rate     float64 `json:"rate,omitempty" doc:"runs for each second (open model)"`
	Duration float64 `json:"duration_s,omitempty" doc:"seconds"`
	Messages int64   `json:"messages,omitempty" doc:"number of runs or messages to end after"`
	Ramp     float64 `json:"ramp_s,omitempty" doc:"seconds until all sessions have begun"`
	Warmup   float64 `json:"warmup_s,omitempty" doc:"seconds at the start that are excluded"`
}

// Latency has the times of one step. Percentiles are of HdrHistograms with three
// significant digits.
type Latency struct {
	Name  string `json:"name" doc:"a verb, or a phase in small letters"`
	Verb  bool   `json:"verb" doc:"the name is a verb"`
	Doc   string `json:"description" doc:"what was measured"`
	Count int64  `json:"count" doc:"how often it was measured"`
	Min   Millis `json:"min_ms" doc:"shortest, in milliseconds"`
	Mean  Millis `json:"mean_ms" doc:"mean, in milliseconds"`
	P50   Millis `json:"p50_ms" doc:"median, in milliseconds"`
	P90   Millis `json:"p90_ms" doc:"percentile, in milliseconds"`
	P95   Millis `json:"p95_ms" doc:"percentile, in milliseconds"`
	P99   Millis `json:"p99_ms" doc:"percentile, in milliseconds"`
	P999  Millis `json:"p99_9_ms" doc:"percentile, in milliseconds"`
	Max   Millis `json:"max_ms" doc:"longest, in milliseconds"`
}

// Replies counts a code in reply to a verb.
type Replies struct {
	Verb  string `json:"verb" doc:"the command"`
	Code  int    `json:"code" doc:"reply code"`
	Count int64  `json:"count" doc:"how often"`
}

// Refused reports whether the code is 4yz or 5yz.
func (r Replies) Refused() bool { return r.Code >= 400 }

// report returns the report. All runs must have ended.
func (c *collector) report() *Report {
	p := c.r.plan
	if !c.warm { // the load ended during the warm-up
		c.reset()
		c.end()
	}
	r := &Report{
		Started: c.begun, Interrupted: c.r.interrupt.Err() != nil, GivenUp: c.givenUp,
		Errors: map[string]Failure{}, Points: c.points, series: map[string]*series{},
		Plan: PlanText{
			Model: "closed", Sessions: p.Sessions, Rate: p.Rate,
			Duration: p.Duration.Seconds(), Messages: p.Messages, Ramp: p.Ramp.Seconds(),
			Warmup: p.Warmup.Seconds(),
		},
	}
	if p.Rate > 0 {
		r.Plan.Model = "open"
		r.NotBegun = c.waiting(c.ended)
	}
	r.Elapsed = max(0, c.ended.Sub(c.begun).Seconds())
	replies := map[replyKey]int64{}
	for _, l := range c.r.workers {
		rec := l.Recorder
		rec.locked(func() {
			r.Counts.add(rec.counts)
			for name, s := range rec.series {
				if r.series[name] == nil {
					r.series[name] = newSeries()
				}
				r.series[name].merge(s)
			}
			for k, n := range rec.replies {
				replies[k] += n
			}
			for k, f := range rec.errors {
				sum := r.Errors[k]
				if sum.Count += f.Count; sum.Example == "" {
					sum.Example = f.Example
				}
				r.Errors[k] = sum
			}
		})
	}
	for k, n := range replies {
		r.Replies = append(r.Replies, Replies{k.verb, k.code, n})
	}
	slices.SortFunc(r.Replies, func(a, b Replies) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), -cmp.Compare(a.Count, b.Count), cmp.Compare(a.Verb, b.Verb))
	})
	if r.Elapsed > 0 {
		r.RunRate, r.MessageRate = float64(c.atEnd.Runs)/r.Elapsed, float64(c.atEnd.Messages)/r.Elapsed
	}
	r.latencies()
	r.Client = c.spent
	return r
}

// verbOrder is the order of verbs in reports: as in a session. Other verbs follow.
var verbOrder = []string{
	"EHLO", "LHLO", "HELO", "STARTTLS", "MAIL", "RCPT", "DATA", dot, "BDAT",
	"RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT",
}

// latencies adds the phases, then the verbs.
func (r *Report) latencies() {
	phase := map[string]bool{}
	for _, p := range phases {
		phase[p.name] = true
		r.latency(p.name, p.doc, phaseStep)
	}
	verbs := slices.SortedFunc(maps.Keys(r.series), func(a, b string) int {
		place := func(v string) int {
			if i := slices.Index(verbOrder, v); i >= 0 {
				return i
			}
			return len(verbOrder)
		}
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	})
	for _, v := range verbs {
		if !phase[v] {
			doc := "reply to " + v
			switch v {
			case dot:
				doc = "reply to the end of the message"
			case "BDAT":
				doc = "reply to a chunk"
			}
			r.latency(v, doc, verbStep)
		}
	}
}

// step tells whether a latency belongs to a verb or a phase.
type step bool

const (
	verbStep  step = true
	phaseStep step = false
)

func (r *Report) latency(name, doc string, verb step) {
	s := r.series[name]
	if s == nil || s.count() == 0 {
		return
	}
	q := func(p float64) Millis { return Millis(s.quantile(p)) }
	r.Latencies = append(r.Latencies, Latency{Name: name, Doc: doc, Verb: verb == verbStep, Count: s.count(),
		Min: Millis(s.min), Mean: Millis(s.mean()),
		P50: q(50), P90: q(90), P95: q(95), P99: q(99), P999: q(99.9), Max: Millis(s.max)})
}

// JSON returns the report as JSON, with a final newline.
func (r *Report) JSON() ([]byte, error) {
	var b bytes.Buffer
	//mutant:reports-of-loads-are-clean is "transcript.JSONWriter(&b)" "func() *bytes.Buffer { _ = transcript.JSONWriter; return &b }()"
	enc := json.NewEncoder(transcript.JSONWriter(&b))
	enc.SetIndent("", "  ")
	err := enc.Encode(r)
	return b.Bytes(), err
}

// share returns n as a percentage of a total.
func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

func codeText(code int) string { return fmt.Sprintf("%03d", code) }
