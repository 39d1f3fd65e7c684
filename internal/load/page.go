package load

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"

	"smtpsh/transcript"
)

// pageStyle is the CSS of the page, for light and dark mode.
const pageStyle = `
:root { --fg:#1f2328; --dim:#59636e; --bg:#ffffff; --card:#f6f8fa; --rule:#d1d9e0; --a:#0969da; --b:#8250df; --c:#bc4c00;
  --d:#cf222e; --ok:#1a7f37; --temp:#9a6700; }
@media (prefers-color-scheme: dark) { :root { --fg:#e6edf3; --dim:#9198a1; --bg:#0d1117; --card:#151b23; --rule:#3d444d;
  --a:#58a6ff; --b:#bc8cff; --c:#f0883e; --d:#f85149; --ok:#3fb950; --temp:#d29922; } }
body { background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.35rem; margin-bottom: .2rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
.dim { color: var(--dim); } .cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .5rem 1rem; min-width: 7.5rem; }
.card b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
.bad { color: var(--d); }
.good { color: var(--ok); }
.warn { color: var(--temp); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .18rem .7rem; text-align: right; border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { color: var(--dim); font-weight: 500; }
td.text { text-align: left; white-space: normal; } td.verb { font-family: ui-monospace, monospace; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--dim); font: 12px system-ui, sans-serif; }
svg text.y { text-anchor: end; }
svg text.x { text-anchor: middle; }
.grid { stroke: var(--rule); stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
circle { stroke: none; }
circle:hover { r: 5; }
.a { stroke: var(--a); }
circle.a, .key.a { fill: var(--a); background: var(--a); }
.b { stroke: var(--b); }
circle.b, .key.b { fill: var(--b); background: var(--b); }
.c { stroke: var(--c); }
circle.c, .key.c { fill: var(--c); background: var(--c); }
.d { stroke: var(--d); }
circle.d, .key.d { fill: var(--d); background: var(--d); }
.e { stroke: var(--ok); }
circle.e, .key.e { fill: var(--ok); background: var(--ok); }
.f { stroke: var(--temp); }
circle.f, .key.f { fill: var(--temp); background: var(--temp); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .85rem; color: var(--dim); }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .4rem; vertical-align: -1px; }
.bar { display: grid; grid-template-columns: 3rem 1fr 7rem; gap: .6rem; align-items: center; margin: .15rem 0; }
.bar i { display: block; height: 1rem; border-radius: 2px; min-width: 2px; background: var(--a); }
.bar i.c2 { background: var(--ok); }
.bar i.c3 { background: var(--a); }
.bar i.c4 { background: var(--temp); }
.bar i.c5 { background: var(--d); }
.bar span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
`

// classes are the CSS classes of the curves, in order.
var classes = []string{"a", "b", "c", "e", "f", "d"}

// safe escapes text from a script or a server.
func safe(s string) string { return html.EscapeString(transcript.Escape(s)) }

// HTML returns a self-contained page without scripts or external resources.
func (r *Report) HTML() []byte {
	var b strings.Builder
	title := safe(r.Script + " on " + r.Target)
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" " +
		"content=\"width=device-width\">\n")
	fmt.Fprintf(&b,
		"<title>load: %s</title>\n<style>%s</style>\n</head>\n<body>\n<h1>%s</h1>\n<p class=\"dim\">%s. Started %s, smtpsh %s.</p>\n",
		title, pageStyle, title, html.EscapeString(sentence(r.subline())), r.Started.UTC().Format("2006-01-02 15:04:05 "+
			"UTC"), html.EscapeString(r.Version))
	r.cards(&b)
	for _, w := range r.Warnings() {
		fmt.Fprintf(&b, "<p class=\"warn\">%s.</p>\n", html.EscapeString(w))
	}
	r.verdicts(&b)
	section(&b, "Latency of runs over time", r.latencyOverTime())
	section(&b, "Runs per second", r.ratesOverTime())
	section(&b, "Percentiles", r.percentiles())
	r.table(&b)
	r.bars(&b)
	r.failures(&b)
	fmt.Fprintf(&b, "<h2>The client</h2>\n<p>%s.</p>\n<p class=\"dim\">%s sent, %s received", html.EscapeString(r.Client.text()),
		showOctets(r.Counts.Sent), showOctets(r.Counts.Received))
	if n := r.Counts.Handshakes; n > 0 {
		fmt.Fprintf(&b, "; %s, %s resumed", plural(n, "TLS handshake"), showCount(r.Counts.Resumed))
	}
	b.WriteString(".</p>\n</body>\n</html>\n")
	return []byte(b.String())
}

func (r *Report) cards(b *strings.Builder) {
	b.WriteString("<div class=\"cards\">\n")
	card := func(class, value, what string) {
		fmt.Fprintf(b, "<div class=\"card\"><b class=\"%s\">%s</b><span class=\"dim\">%s</span></div>\n", class, value, what)
	}
	card("", showCount(r.Counts.Runs), "runs in "+showDuration(time.Duration(r.Elapsed*1e9)))
	card("", showRate(r.RunRate), "runs/s")
	if r.Counts.Messages > 0 {
		card("", showRate(r.MessageRate), "messages/s")
	}
	if s := r.series[Whole]; s != nil {
		card("", showDuration(s.quantile(50)), "median run")
		card("", showDuration(s.quantile(99)), "p99 of runs")
	}
	class := "good"
	if r.Counts.Failed > 0 {
		class = "bad"
	}
	card(class, showCount(r.Counts.Failed), "failed")
	class = ""
	if r.Counts.Refused > 0 {
		class = "warn"
	}
	card(class, showCount(r.Counts.Refused), "replies 4xx, 5xx")
	class = ""
	if r.Client.Busy() {
		class = "warn"
	}
	card(class, showShare(100*r.Client.Share), "client CPU")
	b.WriteString("</div>\n")
}

func (r *Report) verdicts(b *strings.Builder) {
	if len(r.Expectations) == 0 {
		return
	}
	b.WriteString("<h2>Expectations</h2>\n<table>\n")
	for _, v := range r.Expectations {
		class, mark := "good", "✓"
		if !v.Met {
			class, mark = "bad", "✗"
		}
		fmt.Fprintf(b, "<tr><td class=\"%s\">%s %s</td><td>%s</td></tr>\n", class, mark, html.EscapeString(v.Expect),
			html.EscapeString(v.Measured))
	}
	b.WriteString("</table>\n")
}

// sentence returns a text with its first letter in upper case.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// section writes a plot with its legend. It writes nothing if there is no data.
func section(b *strings.Builder, title string, p *plot) {
	svg := p.svg()
	if svg == "" {
		return
	}
	fmt.Fprintf(b, "<h2>%s</h2>\n<div class=\"legend\">", html.EscapeString(title))
	for _, l := range p.lines {
		fmt.Fprintf(b, "<span><span class=\"key %s\"></span>%s</span>", l.class, html.EscapeString(l.name))
	}
	fmt.Fprintf(b, "</div>\n%s", svg)
}

// over returns a curve over time.
func (r *Report) over(name, class string, get func(p *Point) float64) line {
	l := line{name: name, class: class}
	for i := range r.Points {
		l.xs = append(l.xs, r.Points[i].At)
		l.ys = append(l.ys, get(&r.Points[i]))
	}
	return l
}

func (r *Report) latencyOverTime() *plot {
	p := &plot{title: "latency of runs over time", x: "seconds", format: millis, log: true}
	for i, c := range []struct {
		name string
		get  func(p *Point) Millis
	}{
		{"p50", func(p *Point) Millis { return p.P50 }}, {"p95", func(p *Point) Millis { return p.P95 }},
		{"p99", func(p *Point) Millis { return p.P99 }}, {"max", func(p *Point) Millis { return p.Max }},
	} {
		p.lines = append(p.lines, r.over(c.name, []string{"a", "b", "c", "d"}[i], func(p *Point) float64 {
			if p.Max == 0 {
				return math.NaN()
			}
			return float64(c.get(p)) / 1e6
		}))
	}
	return p
}

func (r *Report) ratesOverTime() *plot {
	p := &plot{title: "runs per second over time", x: "seconds", format: showRate}
	per := func(get func(p *Point) int64) func(p *Point) float64 {
		return func(p *Point) float64 { return float64(get(p)) / max(p.Seconds, 0.001) }
	}
	p.lines = append(p.lines, r.over("runs", "a", per(func(p *Point) int64 { return p.Runs })))
	if r.Counts.Failed > 0 {
		p.lines = append(p.lines, r.over("failed", "d", per(func(p *Point) int64 { return p.Failed })))
	}
	if r.Counts.Refused > 0 {
		p.lines = append(p.lines, r.over("replies 4xx, 5xx", "f", per(func(p *Point) int64 { return p.Refused })))
	}
	return p
}

// shownPercentiles are the points of the percentile plot. Its axis is logarithmic, so that
// values close to 100 are visible.
var shownPercentiles = []float64{1, 5, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.9, 99.95, 99.99, 99.999}

// maxCurves limits the curves of the percentile plot.
const maxCurves = 6

func (r *Report) percentiles() *plot {
	p := &plot{title: "percentiles", x: "percentile", format: millis, log: true}
	place := func(q float64) float64 { return -math.Log10(1 - q/100) }
	for _, q := range []float64{1, 50, 90, 99, 99.9, 99.99, 99.999} {
		p.ticks = append(p.ticks, tick{place(q), trimNumber(q)})
	}
	for _, name := range []string{Whole, Message, "MAIL", "RCPT", TLS, Auth, Connect, "NOOP", "EHLO"} {
		s := r.series[name]
		if s == nil || s.count() == 0 || len(p.lines) == maxCurves {
			continue
		}
		l := line{name: name, class: classes[len(p.lines)]}
		for _, q := range shownPercentiles {
			if float64(s.count())*(1-q/100) < 1 && q > 50 {
				break // too few values for this percentile
			}
			l.xs, l.ys = append(l.xs, place(q)), append(l.ys, float64(s.quantile(q))/1e6)
			l.at = append(l.at, "p"+trimNumber(q))
		}
		p.lines = append(p.lines, l)
	}
	return p
}

func (r *Report) table(b *strings.Builder) {
	if len(r.Latencies) == 0 {
		return
	}
	b.WriteString("<h2>Latencies</h2>\n<p class=\"dim\">Hover over a name for an explanation.</p>\n" +
		"<div class=\"scroll\"><table>\n<tr><th></th><th>count</th>")
	for _, c := range columns {
		fmt.Fprintf(b, "<th>%s</th>", c.title)
	}
	b.WriteString("</tr>\n")
	for i := range r.Latencies {
		l := &r.Latencies[i]
		class := ""
		if l.Verb {
			class = "verb"
		}
		fmt.Fprintf(b, "<tr><td class=\"%s\" title=\"%s\">%s</td><td>%s</td>", class, safe(l.Doc), safe(l.Name), showCount(l.Count))
		for _, c := range columns {
			fmt.Fprintf(b, "<td>%s</td>", showDuration(time.Duration(c.get(l))))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table></div>\n")
}

// bars writes the replies by code.
func (r *Report) bars(b *strings.Builder) {
	codes := r.codes()
	if len(codes) == 0 {
		return
	}
	var most int64
	for _, c := range codes {
		most = max(most, c.count)
	}
	b.WriteString("<h2>Replies by code</h2>\n")
	for _, c := range codes {
		var parts []string
		for _, v := range c.verbs {
			parts = append(parts, v.Verb+" "+showCount(v.Count))
		}
		fmt.Fprintf(b,
			"<div class=\"bar\" title=\"%s: %s\"><span>%s</span><i class=\"c%d\" style=\"width:%.2f%%\"></i><span>%s</span></div>\n<div "+
				"class=\"bar dim\"><span></span><span>%s</span><span></span></div>\n",
			html.EscapeString(c.meaning()), safe(strings.Join(parts, ", ")), codeText(c.code), c.code/100, 100*float64(c.count)/float64(most),
			showCount(c.count), safe(strings.Join(parts, ", ")))
	}
}

func (r *Report) failures(b *strings.Builder) {
	if len(r.Errors) == 0 {
		return
	}
	b.WriteString("<h2>Failures</h2>\n<div class=\"scroll\"><table>\n<tr><th>kind</th><th>count</th><th>first error</th></tr>\n")
	for _, k := range r.kinds() {
		fmt.Fprintf(b, "<tr><td>%s</td><td>%s</td><td class=\"text\">%s</td></tr>\n", safe(k), showCount(r.Errors[k].Count),
			safe(firstLine(r.Errors[k].Example)))
	}
	b.WriteString("</table></div>\n")
}
