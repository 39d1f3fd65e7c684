package main

import (
	"fmt"
	"strings"
)

// otherBuild is the suffix of the name of another build of smtpsh.
const otherBuild = ", other build"

// against adds another build of smtpsh to each job of this one.
func against(w *world, jobs []job, other string) []job {
	var out []job
	for _, j := range jobs {
		var both []contestant
		for _, c := range j.contestants {
			both = append(both, c)
			if c.args(w)[0] == w.smtpsh {
				both = append(both, contestant{c.name + otherBuild, c.tool, func(w *world) []string {
					return append([]string{other}, c.args(w)[1:]...)
				}})
			}
		}
		j.contestants = both
		out = append(out, j)
	}
	return out
}

// againstTable returns a table of the ratios of this build to the other one.
func againstTable(results []*result) string {
	var b strings.Builder
	b.WriteString("Ratios of this build to the other one; below 1 this one needs less.\n\n" +
		"| job | contestant | time | CPU | memory |\n|---|---|---|---|---|\n")
	for _, r := range results {
		for i, s := range r.series[:len(r.series)-1] {
			if other := r.series[i+1]; other.contestant.name == s.contestant.name+otherBuild {
				fmt.Fprintf(&b, "| %s | %s | %.3f | %.3f | %.3f |\n", r.job.name, s.contestant.name,
					s.ratio(other, wall), s.ratio(other, cpu), s.ratio(other, memory))
			}
		}
	}
	return b.String()
}
