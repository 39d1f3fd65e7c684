package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fileCalls are the calls that open files or read to the end without a limit: a FIFO there
// hangs the program, a device fills its memory, or a link redirects a write.
var fileCalls = map[string]string{
	"os.ReadFile": "internal/readfile", "os.Open": "internal/readfile",
	"os.DirFS": "internal/readfile", "io.ReadAll": "internal/readfile",
	"tls.LoadX509KeyPair": "luabind.LoadCertificate",
	"os.WriteFile":        "internal/wholefile", "os.Create": "internal/wholefile",
	"os.OpenFile": "internal/wholefile", "os.Truncate": "internal/wholefile",
	"os.CreateTemp": "internal/wholefile", "os.Rename": "internal/wholefile",
	"os.Link": "internal/wholefile", "os.Symlink": "internal/wholefile",
}

// fileReasons has the places that may use these calls, a whole package or one file, with
// the calls and the reason.
var fileReasons = []struct{ where, calls, reason string }{
	{"smtpsh/internal/readfile", "*", "it is the place for it"},
	{"smtpsh/internal/wholefile", "*", "it is the place for it"},
	{"smtpsh/bench", "*", "a tool of the developers'"},
	{"smtpsh/bench/limit", "*", "a tool of the developers'"},
	{"smtpsh/bench/figures", "*", "a tool of the developers'"},
	{"smtpsh/internal/docgen/gen", "os.WriteFile", "a tool of the developers'"},
	{"smtpsh/internal/nearby/announce.go", "os.Open os.CreateTemp os.Rename", "its folder is this user's alone, which it has checked"},
	{"smtpsh/internal/nearby/finder.go", "os.Open", "its folder is this user's alone, and links and FIFOs are left out before"},
	{"smtpsh/internal/cli/output_linux.go", "os.ReadFile", "of the system's own files about processes"},
	{"smtpsh/internal/cli/sandbox_ca.go", "os.WriteFile", "its own certificate, in a new folder that is this user's alone"},
	{"smtpsh/internal/cli/sandbox_save.go", "os.Open", "of a folder, whose names are read"},
	{"smtpsh/internal/nearby/place.go", "os.OpenFile", "its folder is this user's alone, and it takes no links"},
	{"smtpsh/internal/spool", "os.CreateTemp", "a new file, whose name is taken away at once where the system allows it"},
	{"smtpsh/internal/sandbox/spill.go", "os.CreateTemp", "a new file, whose name is taken away at once"},
	{"smtpsh/internal/sandbox/unnamed_linux.go", "os.OpenFile", "a new file without a name"},
	{"smtpsh/internal/message/parse.go", "io.ReadAll", "of a message in memory"},
	{"smtpsh/internal/inspect/client.go", "io.ReadAll", "of a connection, within a limit"},
	{"smtpsh/luabind/libs.go", "io.ReadAll", "of a module of the program's own"},
}

// TestFilesAreReadAndWrittenInOnePlace finds calls that belong into readfile and wholefile.
// A reason without a call is an error too.
func TestFilesAreReadAndWrittenInOnePlace(t *testing.T) {
	used := map[string]bool{}
	n := 0
	for _, p := range packages(t) {
		for _, f := range p.GoFiles {
			where := p.ImportPath + "/" + f
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(node ast.Node) bool {
				call := fileCall(node)
				if call == "" {
					return true
				}
				n++
				if i := reasonFor(p.ImportPath, where, call); i >= 0 {
					used[fileReasons[i].where] = true
				} else {
					t.Errorf("%s: %s must be in %s", fset.Position(node.Pos()), call, fileCalls[call])
				}
				return true
			})
		}
	}
	for _, r := range fileReasons {
		if !used[r.where] && runtime.GOOS == "linux" { // other systems omit some files
			t.Errorf("%s has a reason (%s) but no such call: remove it from the table", r.where, r.reason)
		}
	}
	if n < 20 {
		t.Fatalf("only %d calls were checked", n)
	}
}

// fileCall returns a call of the table, or its name used as a value; "" for everything
// else.
func fileCall(node ast.Node) string {
	sel, ok := node.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok || fileCalls[x.Name+"."+sel.Sel.Name] == "" {
		return ""
	}
	return x.Name + "." + sel.Sel.Name
}

// reasonFor returns the index of the reason that allows a call, or -1.
func reasonFor(pkg, where, call string) int {
	for i, r := range fileReasons {
		if (r.where == pkg || r.where == where) && (r.calls == "*" || strings.Contains(" "+r.calls+" ", " "+call+" ")) {
			return i
		}
	}
	return -1
}
