package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// goal is a goal of a contestant in comparison with another one.
type goal struct {
	text        string
	job, we, to string
	figure      string // "wall", "cpu", "memory", or "extra": milliseconds more; "seconds" and "MiB" have no comparison
	most        float64
}

var goals = []goal{
	{"`version` starts within 3 ms of an empty Go program", "start", "smtpsh version", "empty Go program", "extra", 3},
	{"`--help` starts within 3 ms of an empty Go program", "start", "smtpsh --help", "empty Go program", "extra", 3},
	{"one message in at most 1.5 times the limit's time", "one message", "smtpsh", "limit", "wall", 1.5},
	{"one message in at most 1.5 times the limit's CPU time", "one message", "smtpsh", "limit", "cpu", 1.5},
	{"one message faster than curl", "one message", "smtpsh", "curl", "wall", 1},
	{"1 session level with smtp-source", "1 session(s), messages of 1 KiB", "smtpsh", "smtp-source -d", "wall", 1},
	{"1 session: CPU at most 1.15 times smtp-source's", "1 session(s), messages of 1 KiB", "smtpsh", "smtp-source -d", "cpu", 1.15},
	{"10 sessions level with smtp-source", "10 session(s), messages of 1 KiB", "smtpsh", "smtp-source -d", "wall", 1},
	{"10 sessions: CPU at most 1.15 times smtp-source's", "10 session(s), messages of 1 KiB", "smtpsh", "smtp-source -d", "cpu", 1.15},
	{
		"10 sessions pipelined: 1.5 times as fast as smtp-source",
		"10 session(s), messages of 1 KiB", "smtpsh, pipelined", "smtp-source -d",
		"wall", 1 / 1.5,
	},
	{
		"10 sessions pipelined: CPU at most 0.6 times smtp-source's",
		"10 session(s), messages of 1 KiB", "smtpsh, pipelined", "smtp-source -d",
		"cpu", 0.6,
	},
	{"a large message at 0.7 of a bare copy loop", "a large message", "smtpsh, DATA", "limit: a copy loop", "wall", 1 / 0.7},
	{"a large message faster than smtp-source", "a large message", "smtpsh, DATA", "smtp-source -F", "wall", 1},
	{"1 GiB by DATA in at most 32 MiB", "1 GiB", "smtpsh, DATA", "smtpsh, DATA", "MiB", 32},
	{"1 GiB by BDAT in at most 32 MiB", "1 GiB", "smtpsh, BDAT", "smtpsh, BDAT", "MiB", 32},
	{"the transcript on the screen costs at most 25 %", "the transcript", "shown", "not shown", "wall", 1.25},
	{"10 000 open sessions from one script in 400 MiB", "open sessions", "smtpsh", "smtpsh", "MiB", 400},
	{
		"a million messages: memory flat, within a quarter of 100 000",
		"a million messages", "smtpsh, 1 000 000", "smtpsh, 100 000", "memory", 1.25,
	},
	{"a TLS handshake within 10 % of a bare client: time", "TLS handshakes", "smtpsh", "limit", "wall", 1.1},
	{"a TLS handshake within 10 % of a bare client: CPU", "TLS handshakes", "smtpsh", "limit", "cpu", 1.1},
	{"1000 small tests in 100 files in 3 s", "tests", "smtpsh test", "smtpsh test", "seconds", 3},
	{"a large message faster than curl", "a large message", "smtpsh, DATA", "curl", "wall", 1},
}

// report writes the page.
func report(results []*result, rounds int) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Performance\n")
	say("Written by `go run ./bench` on %s: %d rounds of each job, the contestants in turn, whole", time.Now().UTC().Format("2006-01-02"),
		rounds)
	say("processes from start to exit, everything on loopback. Figures are medians, with the lowest and")
	say("the highest in brackets; ratios are medians of the rounds' ratios to the first line of a table.")
	say("They hold for this machine and this run: compare within a table, not between machines. Memory")
	say("is the largest resident set; a process cannot read lower than the bench that starts it.\n")
	say("Machine: %s. Server: smtp-sink, or the built-in one where TLS and logins are needed.\n", machine())
	say("\"limit\" is `bench/limit`, a Go client that says ready-made bytes and looks only at the")
	say("first digit of a reply. What smtpsh does beside that: Lua, checks, deadlines, masking, and a")
	say("transcript for every failure.\n")
	if table := goalTable(results); table != "" {
		say("## Goals\n")
		b.WriteString(table)
		b.WriteString(partGoals("bench/figures.txt"))
		say("")
	}
	b.WriteString(whereTimeGoes)
	for _, r := range results {
		say("## %s\n", strings.ToUpper(r.job.name[:1])+r.job.name[1:])
		say("%s.\n", strings.ToUpper(r.job.what[:1])+r.job.what[1:])
		writeJob(&b, r)
	}
	return b.String()
}

// whereTimeGoes is the part of the page without measurements.
const whereTimeGoes = `## Where the time goes

**A start** is mainly the kernel's work: of a one-message script about a quarter is spent in the
program itself (` + "`perf record`" + ` over 300 runs), the rest in page faults (some 650, where the limit
client has 210), in starting threads and in switching between them. Nothing is parsed or
compiled that the command does not need; what initialises itself in spite of that is 1.4 ms, the
largest being tables of libraries (stringprep 0.23 ms) and our own Lua functions (0.19 ms). Tried:
regular expressions, tables and lessons made when they are first needed, classes of Lua likewise,
one core for scripts, which saves two threads. Half of the goal's distance is left; the other
half is the size of the program.

**Sessions that stay open** are bound by system calls: at 10 sessions they are 58 % of the processor's
time (writes 40 %, reads 13 %, a look before each command whether the server has said something
that nobody asked for 6 %), as much as smtp-source spends in all. The limit client, which does
nothing else, needs 1.0 to 1.1 times smtp-source's time here, so that goals below that are out of
reach for a Go program on this machine. Of the rest the interpreter is 6 %, the kept conversation
4 %, the scheduler 4 %, memory 4 %. Tried: one core for scripts (a third less), the body and its dot in
one write (a tenth), fewer clock readings and remembered conditions (a tenth); the garbage
collector switched off changes nothing.

**Pipelined**, MAIL, RCPT and DATA leave in one write and the message in another one; the server's side
is the larger part then.

**TLS** is cryptography; what comes on top of a bare handshake is a connection made with its limits,
Lua, and the certificate described for the transcript. Resumption (` + "`--tls-resume`" + `) saves the signature
checks, not the key exchange.

**A large message** is bound by the server.

` + "`--cpuprofile FILE`" + ` and ` + "`--memprofile FILE`" + `, of every command, show it for a script of your
own: ` + "`go tool pprof -top smtpsh FILE`" + `. The parts have benchmarks of their own, which ` + "`make bench`" + `
compares with the figures of the last release.

`

func writeJob(b *strings.Builder, r *result) {
	rate := ""
	if r.job.units > 0 {
		rate = " " + r.job.unit + "/s |"
	}
	fmt.Fprintf(b, "| | wall ms | ratio | CPU ms | ratio | MiB |%s\n|---|---:|---:|---:|---:|---:|%s\n", rate,
		strings.Repeat("---:|", strings.Count(rate, "|")))
	first := r.series[0]
	for _, s := range r.series {
		if s.missing != "" || len(s.samples) == 0 {
			fmt.Fprintf(b, "| %s | %s |\n", s.contestant.name, strings.ReplaceAll(s.missing, "\n", " "))
			continue
		}
		w, low, high := s.median(wall)
		c, clow, chigh := s.median(cpu)
		m, _, _ := s.median(memory)
		fmt.Fprintf(b, "| %s | %s (%s to %s) | %.2f | %s (%s to %s) | %.2f | %.0f |", s.contestant.name,
			ms(w), ms(low), ms(high), s.ratio(first, wall), ms(c), ms(clow), ms(chigh), s.ratio(first, cpu), m/(1<<20))
		if rate != "" {
			fmt.Fprintf(b, " %.0f |", r.job.units/w)
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
}

func ms(seconds float64) string {
	if seconds < 0.1 {
		return fmt.Sprintf("%.1f", seconds*1000)
	}
	return fmt.Sprintf("%.0f", seconds*1000)
}

// goalTable returns the goals and whether this run reached them.
func goalTable(results []*result) string {
	var b strings.Builder
	for _, g := range goals {
		we, to := lookup(results, g.job, g.we), lookup(results, g.job, g.to)
		if we == nil || to == nil {
			continue
		}
		figure, value := wall, 0.0
		want, got := "", ""
		switch g.figure {
		case "extra":
			a, _, _ := we.median(wall)
			z, _, _ := to.median(wall)
			value = (a - z) * 1000
			want, got = fmt.Sprintf("%.1f ms", g.most), fmt.Sprintf("%.1f ms", value)
		case "seconds":
			value, _, _ = we.median(wall)
			want, got = fmt.Sprintf("%.1f s", g.most), fmt.Sprintf("%.1f s", value)
		case "MiB":
			value, _, _ = we.median(memory)
			value /= 1 << 20
			want, got = fmt.Sprintf("%.0f MiB", g.most), fmt.Sprintf("%.0f MiB", value)
		default:
			figure = map[string]func(sample) float64{"wall": wall, "cpu": cpu, "memory": memory}[g.figure]
			value = we.ratio(to, figure)
			want, got = fmt.Sprintf("%.2f", g.most), fmt.Sprintf("%.2f", value)
		}
		verdict := "**no**"
		if value <= g.most {
			verdict = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", g.text, want, got, verdict)
	}
	if b.Len() == 0 {
		return ""
	}
	return "| goal | at most | measured | reached |\n|---|---:|---:|---|\n" + b.String()
}

func lookup(results []*result, job, name string) *series {
	for _, r := range results {
		for _, s := range r.series {
			if r.job.name == job && s.contestant.name == name && len(s.samples) > 0 {
				return s
			}
		}
	}
	return nil
}

// machine describes the machine of the measurement.
func machine() string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s, %s", model, runtime.NumCPU(), runtime.GOOS, runtime.Version())
}
