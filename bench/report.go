package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// goal is a limit for a figure of one contestant, usually relative to another contestant.
type goal struct {
	text        string
	job, we, to string
	figure      string // "wall", "cpu", "memory", or "extra": milliseconds more; "seconds" and "MiB" compare with nothing
	most        float64
}

var goals = []goal{
	{"`version` starts within 3 ms of an empty Go program", "start", "smtpsh version", "empty Go program", "extra", 3},
	{"`--help` starts within 3 ms of an empty Go program", "start", "smtpsh --help", "empty Go program", "extra", 3},
	{"one message in at most 1.5 times the limit's time", "one message", "smtpsh", "limit", "wall", 1.5},
	{"one message in at most 1.5 times the limit's CPU time", "one message", "smtpsh", "limit", "cpu", 1.5},
	{"one message by send in at most 1.5 times the limit's time", "one message", "smtpsh send", "limit", "wall", 1.5},
	{
		"one message with a login by send in at most 2 times the limit's time", "one message with STARTTLS and a login", "smtpsh send",
		"limit", "wall", 2,
	},
	{"one message with a login by send faster than curl", "one message with STARTTLS and a login", "smtpsh send", "curl", "wall", 1},
	{"one message by send faster than curl", "one message", "smtpsh send", "curl", "wall", 1},
	{
		"a file of text in Lua at most twice the CPU of a copy loop", "a large text", "smtpsh, a file in Lua",
		"limit: a copy loop with conversion", "cpu", 2,
	},
	{"a large message by send at 0.7 of a bare copy loop", "a large message", "smtpsh send", "limit: a copy loop", "wall", 1 / 0.7},
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
	say("This page compares smtpsh with smtp-source, curl, swaks and a minimal client. `go run ./bench` wrote")
	say("it on %s, with %d rounds of each job. In a round the programs run one after the other.", time.Now().UTC().Format("2006-01-02"),
		rounds)
	say("A measurement is a whole process from start to exit, and all connections are on loopback.\n")
	say("Figures are medians, with the lowest and the highest in brackets. A ratio compares with the first")
	say("line of the table; it is the median of the ratios of the rounds. The figures are valid for this")
	say("machine and this run: compare within a table, not between machines. Memory is the largest resident")
	say("set. It cannot be less than that of the program that starts the measured process.\n")
	say("Machine: %s. Server: smtp-sink, or the sandbox where TLS and logins are needed.\n", machine())
	say("\"limit\" is `bench/limit`, a Go client that sends prepared bytes and looks only at the first digit")
	say("of a reply. In addition, smtpsh runs Lua, checks replies, sets deadlines, masks secrets, and keeps")
	say("the transcript for a failure.\n")
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

// whereTimeGoes is a fixed text. It must be changed by hand when the figures change.
const whereTimeGoes = `## Where the time goes

**Start.** Most of the time is spent in the kernel. For a script that sends one message, about a
quarter is spent in the program itself (` + "`perf record`" + ` over 300 runs). The rest is page faults (about
650; the client ` + "`limit`" + ` has 210), starting threads and switching between them. smtpsh parses and
compiles only what the command needs. Initialisation still takes 1.4 ms: the largest parts are tables
of libraries (stringprep 0.23 ms) and smtpsh's own Lua functions (0.19 ms). Tried so far:
regular expressions, tables, lessons and Lua classes that are made when they are first needed, and one
core for scripts, which saves two threads. Half of the distance to the goal remains. The other half is
the size of the program.

**Sessions that stay open.** System calls take most of the time. At 10 sessions they are 58 % of the
processor time: writes 40 %, reads 13 %, and the check for unsolicited replies before each command
6 %. That is as much as smtp-source uses in all. The client ` + "`limit`" + ` does nothing else, and needs 1.0 to
1.1 times the time of smtp-source here. So a Go program cannot reach goals below that on this
machine. The interpreter takes 6 %, the kept transcript 4 %, the scheduler 4 %, memory 4 %. Tried
so far, with the savings: one core for scripts (a third less), the body and the final dot in one write (a
tenth), and fewer reads of the clock and fewer repeated checks (a tenth). Switching off the garbage
collector changes nothing.

**Pipelined sessions.** smtpsh sends MAIL, RCPT and DATA in one write and the message in another. Then
the server needs the larger part of the time.

**TLS.** Most of the time is cryptography. In addition to a bare handshake, smtpsh sets up a connection
with its limits, runs Lua, and describes the certificate for the transcript. Resumption
(` + "`--tls-resume`" + `) saves the signature checks, not the key exchange.

**A large message.** The server limits the speed.

With ` + "`--cpuprofile FILE`" + ` and ` + "`--memprofile FILE`" + `, which every command accepts, you can measure your
own script: ` + "`go tool pprof -top smtpsh FILE`" + `. The packages also have benchmarks. ` + "`make bench`" + `
compares them with the figures of the last release.

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

// goalTable says of each goal whether it was reached in this run.
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

// machine describes where it was measured.
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
