package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	rounds := flag.Int("n", 9, "number of rounds of each job")
	out := flag.String("o", "docs/performance.md", "`FILE` to write; - is standard output")
	only := flag.String("only", "", "run only jobs whose names contain `TEXT`")
	other := flag.String("against", "", "compare with another build of smtpsh, `FILE`; print the ratios and write no page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *out, *only, *other); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, out, only, other string) error {
	if rounds < 1 {
		return fmt.Errorf("-n %d: must be positive", rounds)
	}
	dir, err := os.MkdirTemp("", "smtpsh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w := &world{dir: dir}
	defer w.close()
	if err := w.prepare(ctx); err != nil {
		return err
	}
	jobs := jobs
	if other != "" {
		if other, err = filepath.Abs(other); err != nil {
			return err
		}
		jobs = against(w, jobs, other)
	}
	var results []*result
	for _, j := range jobs {
		if !strings.Contains(j.name, only) {
			continue
		}
		fmt.Fprintln(os.Stderr, j.name)
		r, err := measure(ctx, w, j, rounds)
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	if len(results) == 0 {
		return fmt.Errorf("-only %s: no job has this text in its name", only)
	}
	if other != "" {
		_, err = os.Stdout.WriteString(againstTable(results))
		return err
	}
	text := report(results, rounds)
	if out == "-" {
		_, err = os.Stdout.WriteString(text)
		return err
	}
	return os.WriteFile(filepath.FromSlash(out), []byte(text), 0o644)
}
