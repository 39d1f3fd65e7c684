package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// run is one run of a contestant.
type sample struct {
	wall, cpu time.Duration
	memory    int64 // largest resident set, in bytes
}

// series are the runs of one contestant; missing is the reason if there are none.
type series struct {
	contestant contestant
	samples    []sample
	missing    string
}

// result is a job with all its runs; those of one round have the same index.
type result struct {
	job    job
	series []*series
}

// patience limits one run.
const patience = 2 * time.Minute

// measure runs the contestants in turn, once more than is counted. Every second round has
// the reverse order, so that no contestant profits from its predecessor.
func measure(ctx context.Context, w *world, j job, rounds int) (*result, error) {
	r := &result{job: j}
	for _, c := range j.contestants {
		s := &series{contestant: c}
		if c.tool != "" && find(c.tool) == "" {
			s.missing = c.tool + " is not installed"
		}
		r.series = append(r.series, s)
	}
	warm := 1
	if j.rounds > 0 {
		rounds = min(rounds, j.rounds)
	}
	if j.rounds == 1 { // it takes long and needs no warm-up
		warm = 0
	}
	for round := range rounds + warm {
		turn := slices.Clone(r.series)
		if round%2 == 1 {
			slices.Reverse(turn)
		}
		for _, s := range turn {
			if s.missing != "" {
				continue
			}
			got, err := once(ctx, w, s.contestant.args(w))
			switch {
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case err != nil && s.contestant.tool == "":
				return nil, fmt.Errorf("%s: %s: %w", j.name, s.contestant.name, err)
			case err != nil:
				s.missing = strings.TrimSpace(err.Error())
			case round >= warm: // the first round is the warm-up
				s.samples = append(s.samples, got)
			}
		}
	}
	return r, nil
}

func once(ctx context.Context, w *world, args []string) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.Env = append(os.Environ(), "LC_ALL=C", "MESSAGE="+w.small, "PASS=ann-secret")
	begun := time.Now()
	err := cmd.Run()
	s := sample{wall: time.Since(begun)}
	if err != nil {
		return s, fmt.Errorf("%w: %.300s", err, errs.String())
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.memory = peak(cmd.ProcessState)
	return s, nil
}

// median returns the median of a figure, with the lowest and the highest value.
func (s *series) median(f func(sample) float64) (mid, low, high float64) {
	var all []float64
	for _, x := range s.samples {
		all = append(all, f(x))
	}
	return middle(all), slices.Min(all), slices.Max(all)
}

// ratio returns the median of the ratios to another contestant in each round.
func (s *series) ratio(to *series, f func(sample) float64) float64 {
	var all []float64
	for i := range min(len(s.samples), len(to.samples)) {
		if d := f(to.samples[i]); d > 0 {
			all = append(all, f(s.samples[i])/d)
		}
	}
	return middle(all)
}

func middle(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

func wall(s sample) float64   { return s.wall.Seconds() }
func cpu(s sample) float64    { return s.cpu.Seconds() }
func memory(s sample) float64 { return float64(s.memory) }
