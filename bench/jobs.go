package main

import (
	"path/filepath"
	"strconv"
	"strings"
)

// contestant is one way to do a job.
type contestant struct {
	name string
	tool string // the program that must be installed; "" for those of this project
	args func(w *world) []string
}

// job is a task for all contestants. The first one is the reference.
type job struct {
	name, what  string
	contestants []contestant
	units       float64 // messages or MiB per run, for rates; 0 for none
	unit        string
	rounds      int // the largest number of runs; 0 for no limit
}

func ours(script string, args ...string) func(w *world) []string {
	return func(w *world) []string {
		a := []string{w.smtpsh, "run", "--quiet", "--server", w.sink, filepath.Join(w.scripts, script)}
		return append(a, args...)
	}
}

// shown is smtpsh with the transcript on standard output.
func shown(script string, args ...string) func(w *world) []string {
	return func(w *world) []string {
		return append([]string{w.smtpsh, "run", "--server", w.sink, filepath.Join(w.scripts, script)}, args...)
	}
}

// secured is smtpsh with the sandbox, whose certificate is verified.
func secured(script string, args ...string) func(w *world) []string {
	return func(w *world) []string {
		return append([]string{w.smtpsh, "run", "--quiet", "--server", w.sandbox, "--ca", w.ca, filepath.Join(w.scripts, script)}, args...)
	}
}

func limit(args ...string) func(w *world) []string {
	return func(w *world) []string { return append([]string{w.limit, w.sink}, args...) }
}

func source(args ...string) func(w *world) []string {
	return func(w *world) []string {
		a := append([]string{find("smtp-source")}, args...)
		return append(a, "-f", "a@example.org", "-t", "b@example.org", w.sink)
	}
}

// msmtp reads the message from standard input, which needs a shell.
func msmtp(w *world, server string, args ...string) []string {
	host, port, _ := strings.Cut(server, ":")
	return append([]string{"sh", "-c", `exec "$0" "$@" < "$MESSAGE"`, find("msmtp"), "--file=/dev/null", "--host=" + host, "--port=" + port},
		args...)
}

// send is the command send.
func send(server func(w *world) string, file func(w *world) string, args ...string) func(w *world) []string {
	return func(w *world) []string {
		return append([]string{w.smtpsh, "send", "--quiet", "--server", server(w), file(w)}, args...)
	}
}

func toSink(w *world) string    { return w.sink }
func toSandbox(w *world) string { return w.sandbox }
func small(w *world) string     { return w.small }
func big(w *world) string       { return w.big }

// many returns the jobs with many messages over open sessions.
func many(sessions, messages int) job {
	s, m := strconv.Itoa(sessions), strconv.Itoa(messages)
	return job{
		name:  s + " session(s), messages of 1 KiB",
		what:  m + " messages of 1 KiB over " + s + " session(s) that stay open",
		units: float64(messages), unit: "messages",
		contestants: []contestant{
			{"limit", "", limit(s, m, "1024")},
			{"smtpsh", "", ours("messages.lua", s, m, "1024")},
			{"smtp-source -d", "smtp-source", source("-d", "-s", s, "-m", m, "-l", "1024")},
			{"limit, pipelined", "", limit(s, m, "1024", "pipelined")},
			{"smtpsh, pipelined", "", ours("messages.lua", s, m, "1024", "pipelined")},
		},
	}
}

var jobs = []job{
	{name: "start", what: "a program that only starts", contestants: []contestant{
		{"empty Go program", "", func(w *world) []string { return []string{w.empty} }},
		{"smtpsh version", "", func(w *world) []string { return []string{w.smtpsh, "version"} }},
		{"smtpsh --help", "", func(w *world) []string { return []string{w.smtpsh, "--help"} }},
	}},
	{name: "one message", what: "one message, one process", contestants: []contestant{
		{"limit", "", limit("1", "1", "64")},
		{"smtpsh", "", ours("one-message.lua")},
		{"smtpsh send", "", send(toSink, small, "--from", "a@example.org", "--to", "b@example.org", "--tls", "none")},
		{"smtp-source", "smtp-source", source("-m", "1", "-l", "64")},
		{"curl", "curl", func(w *world) []string {
			return []string{find("curl"), "-s", "--url", "smtp://" + w.sink, "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T", w.small}
		}},
		{"swaks", "swaks", func(w *world) []string {
			return []string{find("swaks"), "--server", w.sink, "--from", "a@example.org", "--to", "b@example.org", "--silent", "3"}
		}},
		{"msmtp", "msmtp", func(w *world) []string { return msmtp(w, w.sink, "--from=a@example.org", "b@example.org") }},
	}},
	{
		name: "one message with STARTTLS and a login",
		what: "one message over STARTTLS with AUTH PLAIN, to the built-in server",
		contestants: []contestant{
			{"limit", "", func(w *world) []string { return []string{w.limit, w.sandbox, "login", w.ca} }},
			{"smtpsh", "", func(w *world) []string {
				return []string{w.smtpsh, "run", "--quiet", "--server", w.sandbox, "--ca", w.ca, filepath.Join(w.scripts, "login.lua")}
			}},
			{"smtpsh send", "", func(w *world) []string {
				return send(toSandbox, small, "--ca", w.ca, "--from", "ann@sandbox.test", "--to", "bob@sandbox.test", "--tls", "require",
					"--user", "ann@sandbox.test", "--mech", "plain", "--secret", "pass=@env:PASS")(w)
			}},
			{"curl", "curl", func(w *world) []string {
				return []string{find("curl"), "-s", "--ssl-reqd", "--cacert", w.ca, "--url", "smtp://" + w.sandbox, "--user", "ann@sandbox.test:ann-secret", "--mail-from", "ann@sandbox.test", "--mail-rcpt", "bob@sandbox.test", "-T", w.small}
			}},
			{"swaks", "swaks", func(w *world) []string {
				return []string{
					find("swaks"), "--server", w.sandbox, "--tls", "--tls-ca-path", w.ca, "--auth",
					"PLAIN", "--auth-user", "ann@sandbox.test", "--auth-password", "ann-secret",
					"--from", "ann@sandbox.test", "--to", "bob@sandbox.test", "--silent", "3",
				}
			}},
			{"msmtp", "msmtp", func(w *world) []string {
				return msmtp(w, w.sandbox, "--tls=on", "--tls-trust-file="+w.ca, "--auth=plain", "--user=ann@sandbox.test",
					"--passwordeval=echo ann-secret", "--from=ann@sandbox.test", "bob@sandbox.test")
			}},
		},
	},
	many(1, 5000),
	many(10, 20000),
	{
		name:  "a connection per message",
		what:  "5000 messages of 1 KiB, each over a connection of its own, 10 at a time",
		units: 5000, unit: "messages",
		contestants: []contestant{
			{"limit", "", limit("10", "5000", "1024", "reconnect")},
			{"smtpsh", "", ours("messages.lua", "10", "5000", "1024", "reconnect")},
			{"smtp-source", "smtp-source", source("-s", "10", "-m", "5000", "-l", "1024")},
		},
	},
	{name: "a large message", what: "one message of 256 MiB, lines of 64 bytes", units: bigMiB, unit: "MiB", contestants: []contestant{
		{"limit: a copy loop", "", func(w *world) []string { return []string{w.limit, w.sink, "big", w.big} }},
		{"smtpsh, DATA", "", ours("big.lua", strconv.Itoa(bigMiB), "data")},
		{"smtpsh send", "", send(toSink, big, "--from", "a@example.org", "--to", "b@example.org", "--tls", "none")},
		{"smtp-source -F", "smtp-source", func(w *world) []string {
			return []string{find("smtp-source"), "-F", w.big, "-f", "a@example.org", "-t", "b@example.org", w.sink}
		}},
		{"curl", "curl", func(w *world) []string {
			return []string{find("curl"), "-s", "--url", "smtp://" + w.sink, "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T", w.big}
		}},
	}},
	{name: "a large text", what: "one message of 256 MiB from a file with LF line ends", units: bigMiB, unit: "MiB", contestants: []contestant{
		{"limit: a copy loop with conversion", "", func(w *world) []string { return []string{w.limit, w.sink, "text", w.text} }},
		{"smtpsh, a file in Lua", "", func(w *world) []string {
			return []string{w.smtpsh, "run", "--quiet", "--unsafe", "--server", w.sink, filepath.Join(w.scripts, "file.lua"), w.text}
		}},
		{
			"smtpsh send", "",
			send(toSink, func(w *world) string { return w.text }, "--from", "a@example.org", "--to", "b@example.org", "--tls", "none"),
		},
	}},
	{
		name: "1 GiB", what: "one message of 1 GiB that a script makes piece by piece",
		units: 1024, unit: "MiB", rounds: 3,
		contestants: []contestant{
			{"smtpsh, DATA", "", ours("big.lua", "1024", "data")},
			{"smtpsh, BDAT", "", func(w *world) []string {
				return []string{w.smtpsh, "run", "--quiet", "--server", w.chunks, filepath.Join(w.scripts, "big.lua"), "1024", "bdat"}
			}},
		},
	},
	{
		name:  "the transcript",
		what:  "1000 messages over one session, with and without the transcript",
		units: 1000, unit: "messages",
		contestants: []contestant{
			{"not shown", "", ours("messages.lua", "1", "1000", "1024")},
			{"shown", "", shown("messages.lua", "1", "1000", "1024")},
		},
	},
	{name: "open sessions", what: "10 000 sessions from one script that are all open at the same time", rounds: 3, contestants: []contestant{
		{"smtpsh", "", ours("open.lua", "10000")},
	}},
	{name: "a million messages", what: "messages of 1 KiB over 1000 sessions, pipelined", rounds: 1, contestants: []contestant{
		{"smtpsh, 100 000", "", ours("messages.lua", "1000", "100000", "1024", "pipelined")},
		{"smtpsh, 1 000 000", "", ours("messages.lua", "1000", "1000000", "1024", "pipelined")},
	}},
	{
		name:  "TLS handshakes",
		what:  "1000 connections to the built-in server, one after the other, that start TLS and quit",
		units: 1000, unit: "connections",
		contestants: []contestant{
			{"limit", "", func(w *world) []string { return []string{w.limit, w.sandbox, "tls", w.ca, "1000"} }},
			{"smtpsh", "", secured("tls.lua", "1000")},
			{"smtpsh, resumed", "", secured("tls.lua", "1000", "resume")},
		},
	},
	{
		name:  "tests",
		what:  "1000 small tests in 100 files with the test runner, each with a session to the built-in server",
		units: 1000, unit: "tests",
		contestants: []contestant{
			{"smtpsh test", "", func(w *world) []string {
				return []string{w.smtpsh, "test", "--quiet", "--out", "", "--server", "sandbox:plain", w.tests}
			}},
		},
	},
	{
		name:  "load",
		what:  "20000 messages of 1 KiB over 10 sessions that stay open, by load, which uses all cores",
		units: 20000, unit: "messages",
		contestants: []contestant{
			{"smtpsh load", "", func(w *world) []string {
				return []string{w.smtpsh, "load", "keep-alive", "--server", w.sink, "--sessions", "10", "--messages", "20000", "--quiet"}
			}},
			{"smtp-source -d", "smtp-source", source("-d", "-s", "10", "-m", "20000", "-l", "1024")},
		},
	},
}
