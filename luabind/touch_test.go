package luabind_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"smtpsh/internal/dialogue"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// reaching are the packages with which a file of luabind can use the machine.
var reaching = []string{
	"os", "os/exec", "net", "net/http", "syscall", "golang.org/x/sys/unix",
	"smtpsh/internal/wholefile", "smtpsh/internal/readfile",
}

// TestTouches: the table of what a script can use names existing functions and tests, and
// contains every file of the package that could use something.
func TestTouches(t *testing.T) {
	functions := functionsOfScripts(t)
	var tests strings.Builder
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		tests.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	lib := all.Library()
	for _, m := range lib.Modules() {
		for _, x := range m.Touches {
			for _, f := range x.Files {
				listed[filepath.Join(folderOf(m), f)] = true
			}
		}
	}
	for _, x := range lib.Touches() {
		for _, f := range x.Functions {
			if !slices.Contains(functions, f) && f != "dialogues (.smtp)" {
				t.Errorf("there is no function %s", f)
			}
		}
		for name := range strings.SplitSeq(x.Test, ", ") {
			if !regexp.MustCompile(`func ` + name + `\(`).MatchString(tests.String()) {
				t.Errorf("there is no test %s", name)
			}
		}
		if x.What == "" || x.Limit == "" {
			t.Errorf("%v: what is it, and what limits it?", x.Functions)
		}
	}
	own, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*mod/*.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 30 {
		t.Errorf("only %d files of modules were found", len(files))
	}
	for _, f := range append(files, own...) {
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if path, _ := strconv.Unquote(i.Path.Value); slices.Contains(reaching, path) && !listed[f] && !strings.HasSuffix(f, "_test.go") {
				t.Errorf("%s imports %s, and Touches does not name it", f, path)
			}
		}
	}
}

// folderOf returns the folder of a module's package, relative to this one.
func folderOf(m *luabind.Module) string {
	if m.Name == "base" {
		return ""
	}
	return m.Name + "mod"
}

// Modules, and the files that a dialogue includes, must be in the script's folder: no link
// and no path leads out of it.
func TestModulesOfTheFolder(t *testing.T)   { folder(t, ".lua", `print(require("NAME"))`) }
func TestDialoguesOfTheFolder(t *testing.T) { folder(t, ".smtp", ":include NAME.smtp\n") }

func folder(t *testing.T, ext, src string) {
	outside := t.TempDir()
	dir := t.TempDir()
	secret := map[string]string{".lua": `return "from outside"`, ".smtp": "C: NOOP from outside\n"}[ext]
	inside := map[string]string{".lua": `return "from inside"`, ".smtp": "C: NOOP from inside\nS: 250\n"}[ext]
	for path, text := range map[string]string{filepath.Join(outside, "secret"+ext): secret, filepath.Join(dir, "own"+ext): inside} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(outside, "secret"+ext), filepath.Join(dir, "link"+ext)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(dir, filepath.Join(outside, "secret"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		ok   bool
	}{
		{"own", true}, {"link", false}, {"folder/secret", false},
		{"folder.secret", false}, {rel, false},
		{filepath.Join(outside, "secret"), false},
	} {
		h := newHost(t)
		vm := luabind.New(h, luabind.Options{Library: all.Library(), Dir: dir})
		text := []byte(strings.ReplaceAll(src, "NAME", tt.name))
		if ext == ".lua" {
			err = vm.Run(t.Context(), "t.lua", text, nil)
		} else {
			err = dialogue.Player{Host: h, Dir: dir}.Run(t.Context(), "t.smtp", append([]byte(":open\nS: 220\nC: EHLO me\nS: 250\n"), text...))
		}
		vm.Close()
		if tt.ok != (err == nil) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "from outside") || strings.Contains(h.out.String(), "from outside") {
			t.Errorf("%s: what is outside was shown: %v, %s", tt.name, err, h.out.String())
		}
	}
}
