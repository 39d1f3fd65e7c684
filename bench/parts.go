package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// part is a goal for a benchmark of a package, which make bench compares.
type part struct {
	text, name, to string // the benchmark for the comparison; "" for a count
	figure         string // ns/op or allocs/op
	most           float64
}

var parts = []part{
	{"a command and its reply: at most 2 allocations", "BenchmarkCommand/noop", "", "allocs/op", 2},
	{"the reply reader allocates nothing once warm", "BenchmarkReadReply/EHLO", "", "allocs/op", 0},
	{"a reply of 10 lines within twice a hand-written scanner", "BenchmarkReadReply/EHLO", "BenchmarkReadReply/EHLO,_by_hand", "ns/op", 2},
	{
		"a reply of one line within twice a hand-written scanner",
		"BenchmarkReadReply/one_line", "BenchmarkReadReply/one_line,_by_hand", "ns/op",
		2,
	},
}

// partGoals returns rows of the table of goals, from the committed figures.
func partGoals(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, p := range parts {
		got := figures(string(text), p.name, p.figure)
		if len(got) == 0 {
			continue
		}
		value := middle(got)
		if p.to != "" {
			value /= middle(figures(string(text), p.to, p.figure))
		}
		verdict := "**no**"
		if value <= p.most {
			verdict = "yes"
		}
		format := "| %s | %.0f | %.0f | %s |\n"
		if p.to != "" {
			format = "| %s | %.2f | %.2f | %s |\n"
		}
		fmt.Fprintf(&b, format, p.text, p.most, value, verdict)
	}
	return b.String()
}

// figures returns one figure of a benchmark from the output of go test.
func figures(text, name, figure string) []float64 {
	var out []float64
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		if at := strings.LastIndexByte(f[0], '-'); at < 0 || f[0][:at] != name {
			continue
		}
		for i := 2; i < len(f); i++ {
			if v, err := strconv.ParseFloat(f[i-1], 64); err == nil && f[i] == figure {
				out = append(out, v)
			}
		}
	}
	return out
}
