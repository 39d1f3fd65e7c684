package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
)

// benchstat is the tool that compares. Its version is fixed, so that its results do not
// change.
const benchstat = "golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da"

// packages are the packages with benchmarks.
var packages = []string{"./engine", "./engine/wire", "./luabind", "./internal/sandbox", "./internal/load"}

func main() {
	file := flag.String("f", "bench/figures.txt", "the `FILE` with the figures of the last release")
	write := flag.Bool("write", false, "write it anew, for a release")
	quick := flag.Bool("quick", false, "look at allocations only: few rounds, no benchstat")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *file, *write, *quick); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string, write, quick bool) error {
	args := []string{"test", "-run=^$", "-bench=.", "-benchmem", "-count=6", "-benchtime=100ms"}
	if quick {
		args = []string{"test", "-run=^$", "-bench=.", "-benchmem", "-count=1", "-benchtime=200ms"}
	}
	cmd := exec.CommandContext(ctx, "go", append(args, packages...)...)
	var got bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&got, os.Stderr), os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	if write {
		return os.WriteFile(file, clean(got.Bytes()), 0o644)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("the figures to compare with: %w", err)
	}
	if !quick {
		if err := compare(ctx, file, got.Bytes()); err != nil {
			return err
		}
	}
	return judge(before, got.Bytes())
}

// clean removes the paths of this machine and the lines about passed tests.
func clean(b []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(b) {
		if bytes.HasPrefix(line, []byte("Benchmark")) || bytes.Contains(line, []byte(": ")) {
			out.Write(line)
		}
	}
	return out.Bytes()
}

// compare prints the output of benchstat.
func compare(ctx context.Context, file string, got []byte) error {
	now, err := os.CreateTemp("", "figures-*.txt")
	if err != nil {
		return err
	}
	defer os.Remove(now.Name())
	if _, err := now.Write(clean(got)); err != nil {
		return err
	}
	if err := now.Close(); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "run", benchstat, "before="+file, "now="+now.Name())
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("benchstat: %w", err)
	}
	return nil
}

// judge returns an error if a benchmark has more allocations than before. Times differ
// between machines, counts do not. For large counts, 10 % more is within the noise of
// amortized allocations.
func judge(before, got []byte) error {
	old, now := allocations(before), allocations(got)
	if len(old) == 0 || len(now) == 0 {
		return fmt.Errorf("there are %d benchmarks in the figures and %d in this run", len(old), len(now))
	}
	var worse []string
	for _, name := range slices.Sorted(maps.Keys(old)) {
		n, ok := now[name]
		switch {
		case !ok:
			worse = append(worse, name+": it is gone")
		case n > old[name]+old[name]/10:
			worse = append(worse, fmt.Sprintf("%s: %d allocations, before %d", name, n, old[name]))
		}
	}
	if len(worse) > 0 {
		return fmt.Errorf("worse than the last release:\n  %s", strings.Join(worse, "\n  "))
	}
	fmt.Printf("%d benchmarks allocate no more often than before\n", len(old))
	return nil
}

// allocations returns the smallest number of allocations of each benchmark.
func allocations(b []byte) map[string]int {
	out := map[string]int{}
	sc := bufio.NewScanner(bytes.NewReader(b))
	for sc.Scan() {
		f := strings.Fields(sc.Text())
		if len(f) < 3 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := f[0]
		if i := strings.LastIndexByte(name, '-'); i > 0 { // the suffix with the number of cores
			name = name[:i]
		}
		for i := 2; i < len(f); i++ {
			if f[i] != "allocs/op" {
				continue
			}
			n, err := strconv.Atoi(f[i-1])
			if old, seen := out[name]; err == nil && (!seen || n < old) {
				out[name] = n
			}
		}
	}
	return out
}
