// Package scripts contains the Lua scripts that come with smtpsh. Begin with [Lookup]. Each
// script runs against the sandbox by default, and against another server with --server.
// Each begins with comment lines for its summary, usage and needs.
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
	Summary string // summary, one line
	Usage   string // command line
	Needs   string // required variables and secrets
	Load    bool   // the script is for smtpsh load
	Source  []byte
}

// All returns the scripts sorted by name, first those for run, then those for load.
func All() []Script { return append(folder(".", forRun), folder("load", forLoad)...) }

// purpose is the command that runs a script.
type purpose bool

const (
	forLoad purpose = true
	forRun  purpose = false
)

// folder reads the scripts of one folder.
func folder(dir string, load purpose) []Script {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return nil // reading an embedded directory cannot fail
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

// Names returns the names of all scripts, in the order of [All].
func Names() []string {
	var out []string
	for _, s := range All() {
		out = append(out, s.Name)
	}
	return out
}

// LoadNames returns the names of the scripts for load, sorted.
func LoadNames() []string {
	var out []string
	for _, s := range folder("load", forLoad) {
		out = append(out, s.Name)
	}
	return out
}

// Library returns the modules that scripts and suites share and load with require.
func Library() fs.FS {
	lib, err := fs.Sub(files, "lib")
	if err != nil {
		return nil // cannot happen: lib is embedded
	}
	return lib
}

// SuiteFile is a file of a bundled suite.
type SuiteFile struct {
	Name   string // path in this folder, as scripts/suites/...
	Source []byte
}

// SuiteNames returns the names of the bundled suites.
func SuiteNames() []string {
	entries, err := files.ReadDir("suites")
	if err != nil {
		return nil // reading an embedded directory cannot fail
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// Suite returns the files of a suite. name is the suite's name or its source path, such as
// scripts/suites/submission; "suites" means all suites. It returns nil if there is no such
// suite.
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

// Lookup returns the script with a name, without .lua.
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
