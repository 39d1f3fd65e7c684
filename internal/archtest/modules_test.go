package archtest

import (
	"slices"
	"strings"
	"testing"

	"smtpsh/luabind/all"
)

const modulePath = "smtpsh/luabind/"

// isModule reports whether a package is a Lua module.
func isModule(path string) bool {
	name, ok := strings.CutPrefix(path, modulePath)
	return ok && strings.HasSuffix(name, "mod")
}

// Lua modules need no row in the table of imports: they use what they bind to Lua, the
// runtime, and modules before them in the list of all. The runtime knows no module and
// nothing of SMTP.
func TestModulesKnowWhatIsBelow(t *testing.T) {
	var order []string
	for _, m := range all.Library().Modules() {
		order = append(order, modulePath+m.Name+"mod")
	}
	never := []string{
		"smtpsh/internal/cli", "smtpsh/repl", "smtpsh/internal/lessons",
		"smtpsh/internal/load", modulePath + "all", modulePath + "lint",
		modulePath + "docs",
	}
	found := 0
	for _, p := range packages(t) {
		switch {
		case p.ImportPath == "smtpsh/luabind":
			for _, imp := range p.Imports {
				if strings.HasPrefix(imp, modulePath) || strings.HasPrefix(imp, "smtpsh/engine") && imp != "smtpsh/engine/secret" ||
					imp == "smtpsh/transcript" {
					t.Errorf("the Lua runtime imports %s", imp)
				}
			}
		case isModule(p.ImportPath):
			found++
			own := slices.Index(order, p.ImportPath)
			if own < 0 {
				t.Errorf("%s is not in the list of luabind/all", p.ImportPath)
			}
			for _, imp := range p.Imports {
				if slices.Contains(never, imp) {
					t.Errorf("%s may not import %s", p.ImportPath, imp)
				}
				if isModule(imp) && slices.Index(order, imp) > own {
					t.Errorf("%s imports %s, which is after it in the list of luabind/all", p.ImportPath, imp)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d packages of modules were found", found)
	}
}
