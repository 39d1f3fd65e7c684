// Package scripts holds the Lua scripts that come with smtpsh. Each runs against
// the built-in server as it is, and against a real one with --server; each begins
// with a header that says what it does, how it is called and what it needs.
package scripts

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed *.lua lib load suites
var files embed.FS

// FirstTest is the test that smtpsh init writes.
//
//go:embed first.lua.txt
var FirstTest string

// Script is one bundled script.
type Script struct {
	Name    string // without .lua
	Summary string // what it does, one line
	Usage   string // how to call it
	Needs   string // variables and secrets
	Load    bool   // it is meant for smtpsh load
	Source  []byte
}

// All returns the scripts in the order of their names, those for load behind the
// others.
func All() []Script { return append(folder(".", forRun), folder("load", forLoad)...) }

// purpose is the command that scripts are for.
type purpose bool

const (
	forLoad purpose = true
	forRun  purpose = false
)

// folder reads the scripts of one folder.
func folder(dir string, load purpose) []Script {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return nil // an embedded directory can be read
	}
	var out []Script
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		src, err := files.ReadFile(path.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		s := Script{Name: strings.TrimSuffix(e.Name(), ".lua"), Source: src, Load: load == forLoad}
		for l := range strings.Lines(string(src)) {
			key, value, ok := strings.Cut(strings.TrimPrefix(l, "-- "), ": ")
			if !strings.HasPrefix(l, "-- ") || !ok {
				break
			}
			value = strings.TrimSpace(value)
			switch key {
			case "summary":
				s.Summary = value
			case "usage":
				s.Usage = value
			case "needs":
				s.Needs = value
			}
		}
		out = append(out, s)
	}
	return out
}

// Names returns the names in order.
func Names() []string {
	var out []string
	for _, s := range All() {
		out = append(out, s.Name)
	}
	return out
}

// LoadNames returns the names of those for load.
func LoadNames() []string {
	var out []string
	for _, s := range folder("load", forLoad) {
		out = append(out, s.Name)
	}
	return out
}

// Library has the modules that scripts and suites share; require finds them.
func Library() fs.FS {
	lib, err := fs.Sub(files, "lib")
	if err != nil {
		return nil // the name above is wrong; a test requires a module
	}
	return lib
}

// SuiteFile is a file of a bundled suite.
type SuiteFile struct {
	Name   string // path in this folder, as scripts/suites/...
	Source []byte
}

// SuiteNames lists the bundled suites.
func SuiteNames() []string {
	entries, err := files.ReadDir("suites")
	if err != nil {
		return nil // an embedded directory can be read
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// Suite returns the files of a suite by its name, or by a path of the sources
// such as scripts/suites/submission; "suites" means all. Without such a suite it
// returns nil.
func Suite(name string) []SuiteFile {
	root := strings.TrimPrefix(name, "scripts/")
	if root != "suites" && !strings.HasPrefix(root, "suites/") {
		root = "suites/" + root
	}
	var out []SuiteFile
	err := fs.WalkDir(files, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.lua") && !strings.HasSuffix(name, ".smtp") {
			return err
		}
		src, err := files.ReadFile(name)
		out = append(out, SuiteFile{"scripts/" + name, src})
		return err
	})
	if err != nil {
		return nil
	}
	return out
}

// Lookup finds a script by name.
func Lookup(name string) (Script, bool) {
	if strings.Contains(name, "/") {
		return Script{}, false
	}
	for _, dir := range []string{".", "load"} {
		if _, err := files.Open(path.Join(dir, name+".lua")); err != nil {
			continue
		}
		for _, s := range folder(dir, purpose(dir == "load")) {
			if s.Name == name {
				return s, true
			}
		}
	}
	return Script{}, false
}
