package main

import (
	"path/filepath"
	"strconv"
)

// contestant is one way to do a job.
type contestant struct {
	name string
	tool string // that must be installed; "" for our own programs
	args func(w *world) []string
}

// job is what all contestants do. The first one is the yardstick.
type job struct {
	name, what  string
	contestants []contestant
	units       float64 // messages or MiB in it, for rates; 0 for none
	unit        string
}

func ours(script string, args ...string) func(w *world) []string {
	return func(w *world) []string {
		a := []string{w.smtpsh, "run", "--quiet", "--server", w.sink, filepath.Join(w.scripts, script)}
		return append(a, args...)
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

// many makes the jobs of messages over sessions that stay open.
func many(sessions, messages int) job {
	s, m := strconv.Itoa(sessions), strconv.Itoa(messages)
	return job{
		name: s + " session(s), messages of 1 KiB", what: m + " messages of 1 KiB over " + s + " session(s) that stay open", units: float64(messages), unit: "messages",
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
	{name: "start", what: "a program that does nothing but start", contestants: []contestant{
		{"empty Go program", "", func(w *world) []string { return []string{w.empty} }},
		{"smtpsh version", "", func(w *world) []string { return []string{w.smtpsh, "version"} }},
		{"smtpsh --help", "", func(w *world) []string { return []string{w.smtpsh, "--help"} }},
	}},
	{name: "one message", what: "one message, one process", contestants: []contestant{
		{"limit", "", limit("1", "1", "64")},
		{"smtpsh", "", ours("one-message.lua")},
		{"smtp-source", "smtp-source", source("-m", "1", "-l", "64")},
		{"curl", "curl", func(w *world) []string {
			return []string{find("curl"), "-s", "--url", "smtp://" + w.sink, "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T", w.small}
		}},
		{"swaks", "swaks", func(w *world) []string {
			return []string{find("swaks"), "--server", w.sink, "--from", "a@example.org", "--to", "b@example.org", "--silent", "3"}
		}},
	}},
	{name: "one message with STARTTLS and a login", what: "one message over STARTTLS with AUTH PLAIN, to the built-in server", contestants: []contestant{
		{"smtpsh", "", func(w *world) []string {
			return []string{w.smtpsh, "run", "--quiet", "--server", w.sandbox, "--ca", w.ca, filepath.Join(w.scripts, "login.lua")}
		}},
		{"curl", "curl", func(w *world) []string {
			return []string{find("curl"), "-s", "--ssl-reqd", "--cacert", w.ca, "--url", "smtp://" + w.sandbox, "--user", "ann@sandbox.test:ann-secret", "--mail-from", "ann@sandbox.test", "--mail-rcpt", "bob@sandbox.test", "-T", w.small}
		}},
		{"swaks", "swaks", func(w *world) []string {
			return []string{find("swaks"), "--server", w.sandbox, "--tls", "--tls-ca-path", w.ca, "--auth", "PLAIN", "--auth-user", "ann@sandbox.test", "--auth-password", "ann-secret", "--from", "ann@sandbox.test", "--to", "bob@sandbox.test", "--silent", "3"}
		}},
	}},
	many(1, 5000),
	many(10, 20000),
	{name: "a connection per message", what: "5000 messages of 1 KiB, each over a connection of its own, 10 at a time", units: 5000, unit: "messages", contestants: []contestant{
		{"limit", "", limit("10", "5000", "1024", "reconnect")},
		{"smtpsh", "", ours("messages.lua", "10", "5000", "1024", "reconnect")},
		{"smtp-source", "smtp-source", source("-s", "10", "-m", "5000", "-l", "1024")},
	}},
	{name: "a large message", what: "one message of 256 MiB, lines of 64 octets", units: bigMiB, unit: "MiB", contestants: []contestant{
		{"limit: a copy loop", "", func(w *world) []string { return []string{w.limit, w.sink, "big", w.big} }},
		{"smtpsh, DATA", "", ours("big.lua", strconv.Itoa(bigMiB), "data")},
		{"smtp-source -F", "smtp-source", func(w *world) []string {
			return []string{find("smtp-source"), "-F", w.big, "-f", "a@example.org", "-t", "b@example.org", w.sink}
		}},
		{"curl", "curl", func(w *world) []string {
			return []string{find("curl"), "-s", "--url", "smtp://" + w.sink, "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T", w.big}
		}},
	}},
}
