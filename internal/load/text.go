package load

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"smtpsh/engine/reply"
	"smtpsh/transcript"
)

// Text writes the report for people. It returns the writer's error.
func (r *Report) Text(w io.Writer, color bool) error {
	b := &strings.Builder{}
	paint := func(code, s string) string {
		if !color {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	fmt.Fprintf(b, "%s\n%s\n%s\n", paint("1", wrap(r.headline(), 0)), paint("1", r.rates()), wrap(r.subline(), 0))
	r.textLatencies(b, paint)
	r.textReplies(b, paint)
	r.textErrors(b, paint)
	octets := fmt.Sprintf("%s sent, %s received", showOctets(r.Counts.Sent), showOctets(r.Counts.Received))
	if n := r.Counts.Handshakes; n > 0 {
		octets += fmt.Sprintf(", %s, %s resumed", plural(n, "TLS handshake"), showCount(r.Counts.Resumed))
	}
	fmt.Fprintf(b, "\n%-9s%s\n", "bytes", wrap(octets, margin))
	fmt.Fprintf(b, "%-9s%s\n", "client", wrap(r.Client.text(), margin))
	for _, warning := range r.Warnings() {
		fmt.Fprintf(b, "%s\n", paint("33", fmt.Sprintf("%-9s%s", "note", wrap(warning, margin))))
	}
	if len(r.Expectations) > 0 {
		fmt.Fprintln(b)
	}
	width := 0
	for _, v := range r.Expectations {
		width = max(width, len([]rune(v.Expect)))
	}
	for _, v := range r.Expectations {
		mark := paint("32", "✓")
		if !v.Met {
			mark = paint("31", "✗")
		}
		fmt.Fprintf(b, "%s %-*s  %s\n", mark, width, v.Expect, v.Measured)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) headline() string {
	target := transcript.Escape(r.Target)
	if r.TargetNote != "" {
		target += " (" + transcript.Escape(r.TargetNote) + ")"
	}
	return fmt.Sprintf("%s of %s on %s in %s", plural(r.Counts.Runs, "run"), transcript.Escape(r.Script), target,
		showDuration(time.Duration(r.Elapsed*1e9)))
}

func (r *Report) rates() string {
	s := showRate(r.RunRate) + " runs/s"
	if r.Counts.Messages > 0 {
		s += fmt.Sprintf(", %s messages/s", showRate(r.MessageRate))
	}
	return s
}

func (r *Report) subline() string {
	s := "closed model: " + plural(int64(r.Plan.Sessions), "session") + ", each begins a run when its previous run has ended"
	if r.Plan.Rate > 0 {
		s = fmt.Sprintf("open model: %s runs/s with at most %s; the latency of a whole run counts from its planned start", showRate(r.Plan.Rate),
			plural(int64(r.Plan.Sessions), "session"))
	}
	if r.Plan.Ramp > 0 {
		s += "; ramp of " + showDuration(time.Duration(r.Plan.Ramp*1e9))
	}
	if r.Plan.Warmup > 0 {
		s += "; warm-up of " + showDuration(time.Duration(r.Plan.Warmup*1e9)) + " not counted"
	}
	if r.Interrupted {
		s += "; interrupted"
	}
	return s
}

// columns are the percentiles of a table of latencies.
var columns = []struct {
	title string
	wide  bool // only if there is room
	get   func(l *Latency) Millis
}{
	{"min", true, func(l *Latency) Millis { return l.Min }}, {"mean", true, func(l *Latency) Millis { return l.Mean }},
	{"p50", false, func(l *Latency) Millis { return l.P50 }}, {"p90", false, func(l *Latency) Millis { return l.P90 }},
	{"p95", false, func(l *Latency) Millis { return l.P95 }}, {"p99", false, func(l *Latency) Millis { return l.P99 }},
	{"p99.9", false, func(l *Latency) Millis { return l.P999 }}, {"max", false, func(l *Latency) Millis { return l.Max }},
}

func (r *Report) textLatencies(b *strings.Builder, paint func(code, s string) string) {
	if len(r.Latencies) == 0 {
		return
	}
	head := fmt.Sprintf("%-9s %9s", "", "count")
	for _, c := range columns {
		if c.wide {
			continue
		}
		head += fmt.Sprintf(" %8s", c.title)
	}
	fmt.Fprintf(b, "\n%s\n", paint("2", head))
	verbs := false
	for i := range r.Latencies {
		l := &r.Latencies[i]
		if l.Verb && !verbs {
			verbs = true
			fmt.Fprintln(b)
		}
		name := l.Name
		if len(name) > 9 {
			name = name[:9]
		}
		fmt.Fprintf(b, "%-9s %9s", transcript.Escape(name), showCount(l.Count))
		for _, c := range columns {
			if c.wide {
				continue
			}
			text := showDuration(time.Duration(c.get(l)))
			fmt.Fprintf(b, " %*s", 8, text)
		}
		fmt.Fprintln(b)
	}
}

// byCode are the replies of one code.
type byCode struct {
	code  int
	count int64
	verbs []Replies
}

// codes groups the replies.
func (r *Report) codes() []byCode {
	var out []byCode
	for _, x := range r.Replies {
		if len(out) == 0 || out[len(out)-1].code != x.Code {
			out = append(out, byCode{code: x.Code})
		}
		last := &out[len(out)-1]
		last.count += x.Count
		last.verbs = append(last.verbs, x)
	}
	return out
}

func (c byCode) meaning() string {
	if st, ok := reply.LookupStatus(c.code); ok {
		return st.Name
	}
	return ""
}

func (r *Report) textReplies(b *strings.Builder, paint func(code, s string) string) {
	title := "replies"
	if len(r.Replies) > 0 {
		fmt.Fprintln(b)
	}
	for _, c := range r.codes() {
		var parts []string
		for _, v := range c.verbs {
			parts = append(parts, transcript.Escape(v.Verb)+" "+showCount(v.Count))
		}
		code := codeText(c.code)
		switch {
		case c.code >= 500:
			code = paint("31", code)
		case c.code >= 400:
			code = paint("33", code)
		}
		fmt.Fprintf(b, "%-8s %s %9s  %s\n", title, code, showCount(c.count), wrap(strings.Join(parts, ", "), 24))
		title = ""
	}
}

// kinds are the kinds of errors, the most frequent first.
func (r *Report) kinds() []string {
	return slices.SortedFunc(maps.Keys(r.Errors), func(a, b string) int {
		return cmp.Or(-cmp.Compare(r.Errors[a].Count, r.Errors[b].Count), cmp.Compare(a, b))
	})
}

func (r *Report) textErrors(b *strings.Builder, paint func(code, s string) string) {
	if len(r.Errors) > 0 {
		head := fmt.Sprintf("%s failed, %s", showCount(r.Counts.Failed), showShare(share(r.Counts.Failed, r.Counts.Runs)))
		if n := r.Counts.SessionFailures; n > 0 {
			head += fmt.Sprintf("; %s outside of runs, during set-up or at the end of sessions", plural(n, "failure"))
		}
		fmt.Fprintf(b, "\n%s\n", paint("31", head))
	}
	for _, k := range r.kinds() {
		f := r.Errors[k]
		fmt.Fprintf(b, "  %-12s %9s  %s\n", transcript.Escape(k), showCount(f.Count),
			wrap("such as: "+transcript.Escape(transcript.BriefText(firstLine(f.Example))), 26))
	}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// text describes the cost of the client.
func (c *Cost) text() string {
	who := "processor time"
	if c.Sandbox {
		who += ", including the built-in server"
	}
	return fmt.Sprintf("%s of %s, %s of %s, %s per run; %s of this time was garbage collection; at most %d MiB; "+
		"client timer lag: p99 %s, max %s",
		showDuration(time.Duration(c.CPU*1e9)), who, showShare(100*c.Share), plural(int64(c.Cores), "core"),
		showDuration(time.Duration(c.PerRun*1e3)),
		showShare(100*c.Collecting), c.Memory>>20, showDuration(time.Duration(c.Late)), showDuration(time.Duration(c.LateMax)))
}

// Warnings returns the remarks that a reader needs to interpret the figures.
func (r *Report) Warnings() []string {
	var out []string
	if r.GivenUp {
		out = append(out, "the load stopped early because every run failed; use --keep-failing to continue")
	}
	if r.Client.Busy() {
		who := "the client"
		if r.Client.Sandbox {
			who = "the client (with the sandbox in the same process)"
		}
		out = append(out,
			fmt.Sprintf("%s used %s of its processors: the client, not the server, may limit the rate", who, showShare(100*r.Client.Share)))
	}
	if r.NotBegun > 0 {
		out = append(out,
			fmt.Sprintf("%s could not begin because all sessions were busy; latencies do not include them",
				plural(r.NotBegun, "run")))
	}
	if r.Counts.Cut > 0 {
		out = append(out, fmt.Sprintf("%s active when the load was interrupted; they are not counted", plural(r.Counts.Cut, "run")))
	}
	if len(r.Points) > 0 && r.Elapsed < 1 {
		out = append(out, "the load was shorter than a second: rates and percentiles are not reliable")
	}
	return out
}
