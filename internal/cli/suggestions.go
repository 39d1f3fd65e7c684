package cli

import (
	"errors"
	"os"
	"slices"
	"strings"

	"smtpsh/engine/verb"
	"smtpsh/internal/dialer"
	"smtpsh/internal/explain"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/lessons"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/shellword"
	"smtpsh/internal/suggest"
	"smtpsh/scripts"
	"smtpsh/transcript"
)

// A word in the wrong place is often the right word for another command. These functions
// find what a word is and return the right form for hints.

// rightForm returns, for a word that a command cannot use, what it is and the right command
// line; "" if it is not known.
func (a *app) rightForm(command, word string) string {
	shown := transcript.Escape(shellword.Quote(word))
	is := func(what, line string) string { return transcript.Escape(word) + " is " + what + ": smtpsh " + line }
	name := strings.TrimSuffix(word, ".lua")
	if s, ok := scripts.Lookup(name); ok {
		switch {
		case s.Load && command != "load":
			return is("a script for load", "load "+name)
		case !s.Load && command != "run":
			return is("a script", "run "+name)
		}
	}
	if command != "test" && slices.Contains(scripts.SuiteNames(), word) {
		return is("a test suite", "test "+shown)
	}
	if command != "learn" && slices.ContainsFunc(lessons.Entries(), func(e lessons.Entry) bool { return strings.EqualFold(e.Name, word) }) {
		return is("a lesson", "learn "+shown)
	}
	if profiles, _ := sandbox.ProfileNames(); slices.Contains(profiles, word) {
		if command == "sandbox" {
			return is("a profile", "sandbox --profile "+shown)
		}
		return is("a profile of the built-in server", "sandbox:"+shown+" opens a prompt with it")
	}
	if info, err := os.Stat(word); err == nil {
		switch {
		case info.IsDir() && command != "test":
			return is("a folder", "test "+shown+" runs the tests in it")
		case strings.HasSuffix(word, "_test.lua") && command != "test":
			return is("a test file", "test "+shown)
		case (strings.HasSuffix(word, ".lua") || strings.HasSuffix(word, ".smtp")) && command != "run":
			return is("a file to run", "run "+shown)
		}
	}
	if portOnly().MatchString(word) {
		if command == "sandbox" {
			return is("a port", "sandbox --listen "+shown)
		}
		if command == "explain" {
			return "reply codes have three digits, such as 550; the ports that smtpsh explains are 25, 465 and 587"
		}
		return is("a port", "localhost:"+shown+" connects to this port of your machine")
	}
	if isTarget(word) {
		switch command {
		case "run", "load":
			return is("a target", command+" SCRIPT --server "+shown)
		case "test":
			return is("a target", "test PATH --server "+shown)
		case "sandbox":
			return is("an address", "sandbox --listen "+shown)
		default:
			return is("a target", shown+" connects to it")
		}
	}
	if command != "explain" && slices.Contains(explain.Known(), strings.ToUpper(word)) {
		return is("a word of SMTP", "explain "+shown)
	}
	return ""
}

// isTarget reports whether a word can only be a server: with a port, a scheme, or a dot in
// a name that no file has.
func isTarget(word string) bool {
	if _, err := dialer.ParseTarget(word); err != nil {
		return false
	}
	return strings.HasPrefix(word, "sandbox:") || strings.Contains(word, "://") || hostPort().MatchString(word) || word == "localhost" ||
		strings.Contains(word, ".") && !strings.ContainsAny(word, "/\\") && !fileName().MatchString(word)
}

var (
	portOnly = lazyregexp.New(`^[0-9]{1,5}$`)
	hostPort = lazyregexp.New(`^\S*[\]\w]:[0-9]{1,5}$`)
	fileName = lazyregexp.New(`(?i)\.(lua|smtp|jsonl?|txt|eml|log|xml|html)$`)
)

// meantCommand returns the command of which a word is a misspelling, or "".
func (a *app) meantCommand(word string) string {
	if strings.ContainsAny(word, ".:/") || word == "localhost" {
		return ""
	}
	var names []string
	for _, c := range a.tree.Commands() {
		names = append(names, c.Name())
	}
	return suggest.Name(word, names)
}

// tooMany returns the error for a second argument that is not a port.
func (a *app) tooMany(first, second string) error {
	var names []string
	for _, c := range a.tree.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	hint := "the commands are " + strings.Join(names, ", ")
	if _, ok := verb.Lookup(strings.ToUpper(first)); ok {
		line := strings.TrimSpace(strings.ToUpper(first) + " " + second)
		return &usageError{err: noCommand(first), hint: "commands of SMTP are typed at the prompt: smtpsh TARGET, then " + line}
	}
	if near := a.meantCommand(first); near != "" {
		return &usageError{err: noCommand(first), hint: "did you mean smtpsh " + near + "?"}
	}
	if _, ok := dialer.WithPort(first, second); ok && isTarget(first) {
		return &usageError{
			err:  errors.New("unexpected arguments after HOST PORT"),
			hint: "give only the target and its port; type SMTP commands at the prompt, or send them through a pipe",
		}
	}
	if isTarget(first) {
		return &usageError{
			err:  tooMuch(second),
			hint: "give only the target and its port; type SMTP commands at the prompt, or send them through a pipe",
		}
	}
	if right := a.rightForm("", first); right != "" {
		return &usageError{err: noCommand(first), hint: right}
	}
	return &usageError{err: noCommand(first), hint: hint}
}
