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
	say("Written by `go run ./bench` on %s: %d rounds of each job, the contestants in turn. Each figure is",
		time.Now().UTC().Format("2006-01-02"), rounds)
	say("for a whole process from start to exit, on loopback. It is the median, with the lowest and the highest")
	say("value in brackets. Ratios are medians of the ratios to the first line of the table in each round.")
	say("Compare only figures of one table, because machines and runs differ. Memory is the largest resident")
	say("set, which includes that of the benchmark process at the start.\n")
	say("Machine: %s. Server: smtp-sink, or the sandbox for TLS and logins.\n", machine())
	say("\"limit\" is `bench/limit`, a Go client that sends prepared bytes and checks only the first")
	say("digit of a reply. smtpsh also runs Lua, checks replies, sets deadlines, masks secrets, and keeps a")
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

**Start.** Most of the time is spent in the kernel. For a script with one message, a quarter is spent
in the program itself (` + "`perf record`" + ` over 300 runs). The rest is page faults (about 650; the limit
client has 210), starting threads, and switching between them. A command parses and compiles only
what it needs. The remaining initialization takes 1.4 ms, mainly for tables of libraries (stringprep
0.23 ms) and the Lua functions of smtpsh (0.19 ms). These changes helped: regular expressions, tables,
lessons and Lua classes are made when they are first needed, and scripts run on one core, which saves
two threads. They closed half of the gap to the goal. The other half is the size of the program.

**Open sessions.** System calls are the limit. With 10 sessions they take 58 % of the processor time:
writes 40 %, reads 13 %, and 6 % for the check before each command whether the server has sent a reply
that answers no command. This alone is as much as smtp-source needs in all. The limit client needs 1.0
to 1.1 times the time of smtp-source here, so a Go program cannot reach lower goals on this machine.
Of the rest, the interpreter takes 6 %, the stored transcript 4 %, the scheduler 4 %, and memory 4 %.
These changes helped: one core for scripts (33 % less), the message and its dot in one write (10 %),
fewer readings of the clock and cached conditions (10 %). Without the garbage collector the time is the
same.

**Pipelined sessions.** MAIL, RCPT and DATA are sent in one write, the message in another one. Most of
the time is then spent in the server.

**TLS.** Most of the time is cryptography. In addition to a bare handshake, smtpsh makes a connection
with its limits, runs Lua, and describes the certificate for the transcript. Resumption
(` + "`--tls-resume`" + `) saves the signature checks, but not the key exchange.

**A large message.** The server is the limit.

The flags ` + "`--cpuprofile FILE`" + ` and ` + "`--memprofile FILE`" + ` of every command profile your own script:
` + "`go tool pprof -top smtpsh FILE`" + `. Packages have their own benchmarks, which ` + "`make bench`" + ` compares with
the figures of the last release.

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
