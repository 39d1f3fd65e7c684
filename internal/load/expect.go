package load

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"smtpsh/internal/lazyregexp"
)

// Expectation is a threshold, such as p99(rcpt)<200ms.
type Expectation struct {
	Text   string
	metric metric
	arg    string
	p      float64 // of a percentile
	op     string
	value  float64
	share  bool // the value has a percent sign
}

// Verdict is the result of an expectation.
type Verdict struct {
	Expect   string `json:"expect" doc:"the condition as it was given"`
	Met      bool   `json:"met" doc:"it holds"`
	Measured string `json:"measured" doc:"what was measured, with its unit"`
}

// metric is a figure that --expect can compare.
type metric struct {
	name, doc string
	arg       string // the text in brackets; "" for none, "?" at the end if it is optional
	unit      unit
	// measure returns the number and, for shares, the total.
	measure func(r *Report, e *Expectation) (n, of float64, err error)
}

type unit uint8

const (
	number unit = iota
	duration
	countOrShare
	percent
)

// measures are the metrics of --expect.
var measures = []metric{
	{"pNN", "percentile of a latency, such as p50, p99 or p99.9", "LATENCY", duration, quantileOf},
	{"min", "the shortest", "LATENCY", duration, latencyOf(func(l *series) time.Duration { return l.min })},
	{"mean", "the mean", "LATENCY", duration, latencyOf((*series).mean)},
	{"max", "the longest", "LATENCY", duration, latencyOf(func(l *series) time.Duration { return l.max })},
	{
		"failed", "runs that failed: a number, or with % the share of all runs", "",
		countOrShare,
		func(r *Report, _ *Expectation) (float64, float64, error) {
			return float64(r.Counts.Failed), float64(r.Counts.Runs), nil
		},
	},
	{"refused", "rejections (4xx and 5xx) of all verbs or one; with % the share of the replies", "VERB?", countOrShare, refusedOf},
	{"replies", "replies with a code, such as 250, or 4xx; with % the share of all replies", "CODE", countOrShare, repliesOf},
	{"errors", "errors of a kind, or of all kinds; with % the share of all runs. KIND is one of " + strings.Join(errorKinds, ", ") +
		", or reply with a code", "KIND?", countOrShare, errorsOf},
	{
		"runs", "runs that ended", "", number,
		func(r *Report, _ *Expectation) (float64, float64, error) { return float64(r.Counts.Runs), 0, nil },
	},
	{
		"messages", "messages that the server accepted", "", number,
		func(r *Report, _ *Expectation) (float64, float64, error) { return float64(r.Counts.Messages), 0, nil },
	},
	{"rate", "runs per second", "", number, func(r *Report, _ *Expectation) (float64, float64, error) { return r.RunRate, 0, nil }},
	{
		"message_rate", "accepted messages per second", "", number,
		func(r *Report, _ *Expectation) (float64, float64, error) { return r.MessageRate, 0, nil },
	},
	{
		"not_begun", "runs that could not begin because no session was free", "",
		number,
		func(r *Report, _ *Expectation) (float64, float64, error) { return float64(r.NotBegun), 0, nil },
	},
	{
		"resumed", "TLS handshakes that resumed a session; with % the share of all",
		"", countOrShare,
		func(r *Report, _ *Expectation) (float64, float64, error) {
			return float64(r.Counts.Resumed), float64(r.Counts.Handshakes), nil
		},
	},
	{
		"client_cpu", "share of its processors that the client used, in %", "",
		percent,
		func(r *Report, _ *Expectation) (float64, float64, error) { return 100 * r.Client.Share, 100, nil },
	},
}

// Metrics lists the metrics of --expect: form and meaning.
func Metrics() [][2]string {
	var out [][2]string
	for _, m := range measures {
		form := m.name
		if arg, optional := strings.CutSuffix(m.arg, "?"); optional {
			form += "[(" + arg + ")]"
		} else if arg != "" {
			form += "(" + arg + ")"
		}
		out = append(out, [2]string{form, m.doc})
	}
	return out
}

// LatencyNames lists the latencies that are not verbs: name and meaning.
func LatencyNames() [][2]string {
	var out [][2]string
	for _, p := range phases {
		out = append(out, [2]string{p.name, p.doc})
	}
	return out
}

var expectForm = lazyregexp.New(`^\s*([A-Za-z_]+|[pP][0-9.]+)\s*(?:\(\s*([^()]*?)\s*\))?\s*(<=|>=|==|=|<|>)\s*([0-9.]+)\s*(%|[a-zµ]*)\s*$`)

// ParseExpectation parses a threshold: a metric, one of < <= > >= = and a value, which for
// latencies has a unit, as in 200ms, and for shares a percent sign.
func ParseExpectation(text string) (*Expectation, error) {
	m := expectForm().FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("%q is not METRIC<VALUE, for example p99(rcpt)<200ms or refused<1%%", text)
	}
	e := &Expectation{Text: strings.Join(strings.Fields(text), ""), arg: strings.ToLower(m[2]), op: strings.Replace(m[3], "==", "=", 1)}
	name := strings.ToLower(m[1])
	if p, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64); err == nil && name[0] == 'p' {
		if e.p = p; p <= 0 || p > 100 {
			return nil, fmt.Errorf("%s: a percentile must be between 0 and 100", m[1])
		}
		name = "pNN"
	}
	i := slices.IndexFunc(measures, func(x metric) bool { return x.name == name })
	if i < 0 {
		var names []string
		for _, f := range Metrics() {
			names = append(names, f[0])
		}
		return nil, fmt.Errorf("%s is not one of %s", m[1], strings.Join(names, ", "))
	}
	e.metric = measures[i]
	switch {
	case e.arg == "" && e.metric.arg != "" && !strings.HasSuffix(e.metric.arg, "?"):
		return nil, fmt.Errorf("%s needs a %s in brackets, for example %s", m[1], strings.ToLower(e.metric.arg), exampleOf(e.metric))
	case e.arg != "" && e.metric.arg == "":
		return nil, fmt.Errorf("%s has no brackets", m[1])
	}
	if err := e.checkArg(); err != nil {
		return nil, err
	}
	return e, e.readValue(m[4], m[5])
}

var codeForm = lazyregexp.New(`^[2-5]([0-9]{2}|xx)$`)

// errorKinds are the kinds of errors in addition to "reply" with a code.
var errorKinds = []string{
	"dial", "timeout", "closed", "tls", "protocol", "canceled", "usage", "expect",
	"script", "unfinished", "memory", otherKinds,
}

// checkArg rejects an argument that can never be counted, because its result is always 0.
func (e *Expectation) checkArg() error {
	switch code, reply := strings.CutPrefix(e.arg, "reply "); {
	case e.metric.name == "replies" && !codeForm().MatchString(e.arg), e.metric.name == "errors" && reply && !codeForm().MatchString(code):
		return fmt.Errorf("%s: expected a code such as 451 or 4xx", e.Text)
	case e.metric.name == "errors" && !reply && e.arg != "" && !slices.Contains(errorKinds, e.arg):
		return fmt.Errorf("%s: the kinds are %s, and reply with a code", e.Text, strings.Join(errorKinds, ", "))
	}
	return nil
}

func exampleOf(m metric) string {
	switch m.name {
	case "pNN":
		return "p99(rcpt)<200ms"
	case "replies":
		return "replies(451)<1%"
	}
	return m.name + "(whole)<1s"
}

// readValue parses the value in the metric's unit.
func (e *Expectation) readValue(digits, suffix string) error {
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return fmt.Errorf("%s is not a number", digits)
	}
	e.value = v
	switch e.metric.unit {
	case duration:
		d, err := time.ParseDuration(digits + suffix)
		if err != nil || suffix == "" {
			return fmt.Errorf("%q needs a time with its unit, such as 200ms, 1.5s or 800us", digits+suffix)
		}
		e.value = float64(d)
	case countOrShare:
		if e.share = suffix == "%"; !e.share && suffix != "" {
			return fmt.Errorf("%q must be a number, or a share such as 1%%", digits+suffix)
		}
	case percent:
		if suffix != "%" {
			return fmt.Errorf("%q must be a share such as 80%%", digits+suffix)
		}
	default:
		if suffix != "" {
			return fmt.Errorf("%q must be a plain number", digits+suffix)
		}
	}
	return nil
}

// Judge compares the report with the expectation. An expectation without samples is not
// met. If every run failed, only expectations about failures can be met.
func (e *Expectation) Judge(r *Report) Verdict {
	v := Verdict{Expect: e.Text}
	n, of, err := e.metric.measure(r, e)
	if err != nil {
		v.Measured = err.Error()
		return v
	}
	switch {
	case r.Counts.Runs == 0:
		v.Measured = "no run ended"
		return v
	//mutant:thresholds-need-runs-that-ended-well is "r.Counts.Runs == r.Counts.Failed" "false"
	case r.Counts.Runs == r.Counts.Failed && !e.AboutFailures() && e.arg != Failed:
		v.Measured = fmt.Sprintf("no run succeeded: all %s failed", showCount(r.Counts.Failed))
		return v
	case e.metric.unit == countOrShare && of == 0:
		v.Measured = "there was nothing to count"
		return v
	case e.metric.unit == duration:
		v.Measured = showDuration(time.Duration(n))
	case e.metric.unit == percent:
		v.Measured = showShare(n)
	case e.share:
		v.Measured = fmt.Sprintf("%s (%s of %s)", showShare(100*n/of), showCount(int64(n)), showCount(int64(of)))
		n = 100 * n / of
	case n == float64(int64(n)):
		v.Measured = showCount(int64(n))
	default:
		v.Measured = fmt.Sprintf("%.1f", n)
	}
	v.Met = map[string]bool{"<": n < e.value, "<=": n <= e.value, ">": n > e.value, ">=": n >= e.value, "=": n == e.value}[e.op]
	return v
}

// AboutFailures reports whether the expectation limits the failed runs.
func (e *Expectation) AboutFailures() bool {
	return e.metric.name == "failed" || e.metric.name == "errors" && e.arg == ""
}

// find returns a latency by the name used in --expect.
func (r *Report) find(name string) (*series, error) {
	key := name
	if name == "dot" {
		key = dot
	}
	for n, s := range r.series {
		if strings.EqualFold(n, key) && s.count() > 0 {
			return s, nil
		}
	}
	var known []string
	for _, l := range r.Latencies {
		known = append(known, strings.Replace(strings.ToLower(l.Name), dot, "dot", 1))
	}
	return nil, fmt.Errorf("%s was not measured; there is %s", name, strings.Join(known, ", "))
}

func quantileOf(r *Report, e *Expectation) (float64, float64, error) {
	s, err := r.find(e.arg)
	if err != nil {
		return 0, 0, err
	}
	return float64(s.quantile(e.p)), 0, nil
}

func latencyOf(f func(*series) time.Duration) func(*Report, *Expectation) (float64, float64, error) {
	return func(r *Report, e *Expectation) (float64, float64, error) {
		s, err := r.find(e.arg)
		if err != nil {
			return 0, 0, err
		}
		return float64(f(s)), 0, nil
	}
}

func refusedOf(r *Report, e *Expectation) (n, of float64, err error) {
	for _, x := range r.Replies {
		if e.arg != "" && !strings.EqualFold(x.Verb, strings.Replace(e.arg, "dot", dot, 1)) {
			continue
		}
		if of += float64(x.Count); x.Refused() {
			n += float64(x.Count)
		}
	}
	if of == 0 && e.arg != "" {
		return 0, 0, fmt.Errorf("nothing was replied to %s", strings.ToUpper(e.arg))
	}
	return n, of, nil
}

func repliesOf(r *Report, e *Expectation) (n, of float64, err error) {
	for _, x := range r.Replies {
		of += float64(x.Count)
		code := codeText(x.Code)
		if e.arg == code || strings.HasSuffix(e.arg, "xx") && e.arg[:1] == code[:1] {
			n += float64(x.Count)
		}
	}
	return n, of, nil
}

func errorsOf(r *Report, e *Expectation) (n, of float64, err error) {
	for _, k := range slices.Sorted(maps.Keys(r.Errors)) {
		class, any := strings.CutSuffix(e.arg, "xx")
		if e.arg == "" || strings.EqualFold(k, e.arg) || any && strings.HasPrefix(k, class) {
			n += float64(r.Errors[k].Count)
		}
	}
	return n, float64(r.Counts.Runs), nil
}
