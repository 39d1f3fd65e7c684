package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Marks of mutants in the sources and rows of the table match each other.
func TestProtectionsAreWhereMutantsLook(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	marked := allMarks(t, root)
	for _, m := range mutants {
		at, ok := marked[m.name]
		if !ok {
			t.Errorf("no source has the mark %s", m.name)
			continue
		}
		delete(marked, m.name)
		src, err := os.ReadFile(filepath.Join(root, at.file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := at.apply(src); err != nil {
			t.Errorf("%s:%d: %s: %v", at.file, at.line, m.name, err)
		}
		for pkg := range strings.FieldsSeq(m.pkgs) {
			if names := testsIn(t, filepath.Join(root, pkg)); !matchesAny(t, m.run, names) {
				t.Errorf("%s: no test of %s matches %q", m.name, pkg, m.run)
			}
		}
	}
	for name, at := range marked {
		t.Errorf("%s:%d: no row of the table is for the mark %s", at.file, at.line, name)
	}
}

// testsIn returns the names of the tests in a folder.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range testName.FindAllSubmatch(src, -1) {
			names[string(m[1])] = true
		}
	}
	return names
}

var testName = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example)\w*)\(`)

// matchesAny reports whether the top level of a pattern for go test -run matches a name.
func matchesAny(t *testing.T, pattern string, names map[string]bool) bool {
	t.Helper()
	top, _, _ := strings.Cut(pattern, "/")
	re, err := regexp.Compile(top)
	if err != nil {
		t.Fatal(err)
	}
	for n := range names {
		if re.MatchString(n) {
			return true
		}
	}
	return false
}

// Every protection is needed: without it its tests fail. The test builds the program once
// for each mutant, so it runs only with BATTERY_FULL=1. MUTANTS=2/3 runs the second third.
func TestEveryProtectionIsNeeded(t *testing.T) {
	if os.Getenv("BATTERY_FULL") == "" || raceEnabled {
		t.Skip("set BATTERY_FULL=1 to run it")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	copies := make(chan string, 2) // two at a time: one builds while the other waits
	for range cap(copies) {
		dir := t.TempDir()
		copyTree(t, root, dir)
		copies <- dir
	}
	of, share := 1, 0
	if text := os.Getenv("MUTANTS"); text != "" { // "1/2": the first half
		if n, err := fmt.Sscanf(text, "%d/%d", &share, &of); n != 2 || err != nil || share < 1 || share > of {
			t.Fatalf("MUTANTS=%s: want a share such as 1/2", text)
		}
		share--
	}
	marked := allMarks(t, root)
	for i, m := range mutants {
		if i%of != share {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			at, ok := marked[m.name]
			if !ok {
				t.Fatalf("no source has the mark %s", m.name)
			}
			dir := <-copies
			defer func() { copies <- dir }()
			path := filepath.Join(dir, at.file)
			was, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			mutated, err := at.apply(was)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, mutated, 0o600); err != nil {
				t.Fatal(err)
			}
			defer os.WriteFile(path, was, 0o600) //nolint:errcheck // the copy is removed
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-vet=off", "-failfast", "-timeout=45s", "-run", m.run)
			cmd.Args = append(cmd.Args, strings.Fields(m.pkgs)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "BATTERY_FULL=")
			end := inGroup(cmd)
			cmd.Cancel = func() error { end(); return nil }
			cmd.WaitDelay = time.Second // its child processes can keep its output open
			out, err := cmd.CombinedOutput()
			end()
			if why := unnoticed(out, err); why != "" {
				t.Errorf("%s: %s\n%s", m.name, why, out)
			}
		})
	}
}

// unnoticed returns why the output of go test is no proof that a test finds a mutant; "" if
// it is one: every package was built and has such tests, and one of them failed.
func unnoticed(out []byte, err error) string {
	for _, broken := range []string{"[build failed]", "[setup failed]", "[no test files]", "[no tests to run]"} {
		if bytes.Contains(out, []byte(broken)) {
			return "the mutant or its row is broken: " + broken
		}
	}
	if err == nil {
		return "its protection was taken out, and no test minds"
	}
	for _, proof := range []string{"--- FAIL", "panic:", "fatal error:"} { // the last one is the runtime's, for a stack overflow
		if bytes.Contains(out, []byte(proof)) {
			return ""
		}
	}
	return "go test ended without a test that failed: " + err.Error()
}

// Only a failed test is a proof.
func TestMutantsThatNoTestFinds(t *testing.T) {
	failed := errors.New("exit status 1")
	for _, tt := range []struct {
		name, out string
		err       error
		noticed   bool
	}{
		{"a test fails", "--- FAIL: TestX (0.00s)\nFAIL\tsmtpsh/x\t0.1s\n", failed, true},
		{"a test panics", "panic: test timed out after 45s\nFAIL\tsmtpsh/x\t45.1s\n", failed, true},
		{"the stack overflows", "fatal error: stack overflow\nFAIL\tsmtpsh/x\t2.5s\n", failed, true},
		{"no test fails", "ok  \tsmtpsh/x\t0.1s\n", nil, false},
		{"it does not build", "# smtpsh/x\nx.go:1: undefined: y\nFAIL\tsmtpsh/x [build failed]\n", failed, false},
		{"no such package", "# ./x\nFAIL\t./x [setup failed]\n", failed, false},
		{"no such test", "ok  \tsmtpsh/x\t0.1s [no tests to run]\n--- FAIL: TestY\nFAIL\tsmtpsh/y\n", failed, false},
		{"a package without tests", "?   \tsmtpsh/x\t[no test files]\n--- FAIL: TestY\n", failed, false},
		{"ended from outside", "", errors.New("signal: killed"), false},
	} {
		if got := unnoticed([]byte(tt.out), tt.err) == ""; got != tt.noticed {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// copyTree copies the sources of the program.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "smtpsh-out"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if len(b) > 8<<20 { // a built program
			return nil
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}
