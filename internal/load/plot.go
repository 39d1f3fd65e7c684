package load

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"
)

// plot is a diagram with lines or bars over two axes, drawn as SVG.
type plot struct {
	title, x string
	lines    []line
	// ticks of the x axis; nil for round numbers
	ticks  []tick
	format func(y float64) string
	log    bool // the y axis
}

// line is one curve; it has a gap where y is NaN.
type line struct {
	name, class string
	xs, ys      []float64
	at          []string // the names of the points; nil for the values of xs
}

type tick struct {
	at   float64
	text string
}

// The size of a plot and its margins, in units of its view box.
const (
	plotWidth  = 760
	plotHeight = 260
	plotLeft   = 76
	plotRight  = 24
	plotTop    = 16
	plotBottom = 40
)

// svg draws the plot.
func (p *plot) svg() string {
	x0, x1, y0, y1, ok := p.bounds()
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\">\n", html.EscapeString(p.title), plotWidth, plotHeight)
	px := func(x float64) float64 { return plotLeft + (x-x0)/(x1-x0)*(plotWidth-plotLeft-plotRight) }
	py := func(y float64) float64 {
		if p.log {
			y = math.Log10(y)
		}
		return plotHeight - plotBottom - (y-y0)/(y1-y0)*(plotHeight-plotTop-plotBottom)
	}
	for _, t := range p.yTicks(y0, y1) {
		fmt.Fprintf(&b, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/><text class=\"y\" x=\"%d\" y=\"%.1f\">%s</text>\n",
			plotLeft, py(t.at), plotWidth-plotRight, py(t.at), plotLeft-8, py(t.at)+4, html.EscapeString(t.text))
	}
	ticks := p.ticks
	if ticks == nil {
		for _, v := range roundSteps(x0, x1, 8) {
			ticks = append(ticks, tick{v, trimNumber(v)})
		}
	}
	for _, t := range ticks {
		if t.at >= x0 && t.at <= x1 {
			fmt.Fprintf(&b, "<text class=\"x\" x=\"%.1f\" y=\"%d\">%s</text>\n", px(t.at), plotHeight-plotBottom+18, html.EscapeString(t.text))
		}
	}
	fmt.Fprintf(&b, "<text class=\"x\" x=\"%d\" y=\"%d\">%s</text>\n", (plotLeft+plotWidth-plotRight)/2, plotHeight-4, html.EscapeString(p.x))
	for _, l := range p.lines {
		p.curve(&b, l, px, py)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// curve draws one line, with a dot and a tooltip for each point. A single point has a
// larger dot.
func (p *plot) curve(b *strings.Builder, l line, px, py func(float64) float64) {
	var path strings.Builder
	pen := false
	for i, y := range l.ys {
		if math.IsNaN(y) || p.log && y <= 0 {
			pen = false
			continue
		}
		op := "L"
		if !pen {
			op = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", op, px(l.xs[i]), py(y))
		pen = true
	}
	fmt.Fprintf(b, "<path class=\"line %s\" d=\"%s\"/>\n", l.class, path.String())
	for i, y := range l.ys {
		if math.IsNaN(y) || p.log && y <= 0 {
			continue
		}
		at := "at " + trimNumber(l.xs[i])
		if l.at != nil {
			at = l.at[i]
		}
		radius := 1.5
		if len(l.ys) == 1 {
			radius = 3
		}
		fmt.Fprintf(b, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s %s: %s</title></circle>\n", l.class, px(l.xs[i]),
			py(y), radius, html.EscapeString(l.name), html.EscapeString(at), html.EscapeString(p.format(y)))
	}
}

// bounds returns the ranges of the axes; ok is false if there is no data.
func (p *plot) bounds() (x0, x1, y0, y1 float64, ok bool) {
	x0, y0 = math.Inf(1), math.Inf(1)
	x1, y1 = math.Inf(-1), math.Inf(-1)
	for _, l := range p.lines {
		for i, y := range l.ys {
			if math.IsNaN(y) || p.log && y <= 0 {
				continue
			}
			x0, x1 = min(x0, l.xs[i]), max(x1, l.xs[i])
			y0, y1 = min(y0, y), max(y1, y)
		}
	}
	if x0 > x1 {
		return 0, 0, 0, 0, false
	}
	if x0 == x1 {
		x0, x1 = x0-1, x1+1
	}
	if p.log {
		y0, y1 = math.Floor(math.Log10(y0)), math.Ceil(math.Log10(y1))
		if y0 == y1 {
			y1++
		}
		return x0, x1, y0, y1, true
	}
	if y0 = 0; y1 <= 0 {
		y1 = 1
	}
	steps := roundSteps(0, y1, 5)
	if len(steps) > 1 {
		step := steps[1] - steps[0]
		y1 = math.Ceil(y1/step) * step
	}
	return x0, x1, y0, y1, true
}

func (p *plot) yTicks(y0, y1 float64) []tick {
	var out []tick
	if p.log {
		for e := y0; e <= y1; e++ {
			v := math.Pow(10, e)
			out = append(out, tick{v, p.format(v)})
		}
		return out
	}
	for _, v := range roundSteps(y0, y1, 5) {
		text := p.format(v)
		if whole, unit, _ := strings.Cut(text, ".00"); unit == "" && whole != text {
			text = whole
		}
		out = append(out, tick{v, strings.TrimSuffix(text, ".0")})
	}
	return out
}

// roundSteps returns about the given number of round values between two limits.
func roundSteps(from, to float64, about int) []float64 {
	if to <= from {
		return []float64{from}
	}
	raw := (to - from) / float64(about)
	step := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5, 10} {
		if step*f >= raw {
			step *= f
			break
		}
	}
	var out []float64
	for i := math.Ceil(from / step); i*step <= to*(1+1e-9); i++ {
		out = append(out, i*step)
	}
	return out
}

func trimNumber(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", f), "0"), ".")
}

// millis formats a latency that is given in milliseconds.
func millis(y float64) string { return showDuration(time.Duration(y * 1e6)) }
