package archtest

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pkg is the information of go list about a package.
type pkg struct {
	ImportPath   string
	Name         string
	Imports      []string
	GoFiles      []string
	Dir          string
	Standard     bool
	Doc          string
	TestGoFiles  []string
	XTestGoFiles []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json", "smtpsh/...")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, errs.String())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 15 {
		t.Fatalf("go list found only %d packages", len(pkgs))
	}
	return pkgs
}

// allowed lists what each package may import in addition to the standard library. Packages
// without a row may import only that; "smtpsh/..." means all packages of this module.
var allowed = map[string][]string{
	"smtpsh/cmd/smtpsh": {"smtpsh/internal/cli"},

	// the comparisons start programs and use no package of this module
	"smtpsh/bench":         {},
	"smtpsh/bench/limit":   {},
	"smtpsh/bench/figures": {},

	// the engine: its leaves are independent, except event -> reply and event -> secret
	"smtpsh/engine/event":           {"smtpsh/engine/reply", "smtpsh/engine/secret"},
	"smtpsh/engine/event/eventtest": {"smtpsh/engine/event", "smtpsh/engine/secret", "smtpsh/engine/reply"},
	"smtpsh/engine/reply":           {"smtpsh/internal/lazyregexp"},
	"smtpsh/engine/wire":            {},
	"smtpsh/engine/verb":            {},
	"smtpsh/engine/secret":          {},
	"smtpsh/engine/tlsinfo":         {"smtpsh/internal/lazyregexp"},
	"smtpsh/engine/saslmech": {
		"smtpsh/internal/lazyregexp", "github.com/emersion/go-sasl", "github.com/xdg-go/scram", "github.com/Azure/go-ntlmssp",
		"golang.org/x/crypto/md4",
	},
	"smtpsh/engine": {
		"smtpsh/internal/lazyregexp", "smtpsh/engine/event", "smtpsh/engine/secret",
		"smtpsh/engine/reply", "smtpsh/engine/wire", "smtpsh/engine/tlsinfo",
		"smtpsh/engine/saslmech",
		"github.com/emersion/go-sasl", "golang.org/x/net/idna",
	},

	// the server must not share code with the client: only leaves
	"smtpsh/internal/sandbox": {
		"smtpsh/engine/secret", "smtpsh/internal/lazyregexp", "smtpsh/internal/suggest", "golang.org/x/sys/unix",
		"smtpsh/engine/event", "smtpsh/engine/reply", "smtpsh/engine/wire",
		"smtpsh/engine/verb", "smtpsh/engine/saslmech", "smtpsh/engine/tlsinfo",
		"smtpsh/internal/authority", "github.com/emersion/go-sasl", "github.com/pires/go-proxyproto",
	},
	"smtpsh/internal/authority": {},
	"smtpsh/transcript": {
		"smtpsh/internal/safetext", "smtpsh/engine/event", "smtpsh/engine/reply", "smtpsh/engine/tlsinfo", "smtpsh/internal/lazyregexp",
	},
	"smtpsh/internal/concepts": {},
	"smtpsh/internal/explain": {
		"smtpsh/internal/lazyregexp", "smtpsh/engine/reply", "smtpsh/engine/verb", "smtpsh/engine/saslmech", "smtpsh/internal/concepts",
		"smtpsh/internal/suggest",
	},
	"smtpsh/internal/exit":    {"smtpsh/engine", "smtpsh/engine/reply"},
	"smtpsh/internal/advice":  {"smtpsh/engine", "smtpsh/engine/tlsinfo", "smtpsh/internal/explain"},
	"smtpsh/internal/diagram": {"smtpsh/engine/event", "smtpsh/engine/reply", "smtpsh/internal/explain", "smtpsh/transcript"},
	"smtpsh/internal/tutor": {
		"smtpsh/internal/lazyregexp", "smtpsh/engine/event", "smtpsh/engine/secret",
		"smtpsh/engine/reply", "smtpsh/engine/saslmech", "smtpsh/engine/verb",
		"smtpsh/internal/explain", "smtpsh/transcript",
	},
	"smtpsh/internal/message": {
		"smtpsh/internal/lazyregexp", "github.com/emersion/go-message",
		"github.com/emersion/go-message/mail", "golang.org/x/net/idna",
	},
	"smtpsh/internal/proxy": {"golang.org/x/net/proxy", "github.com/pires/go-proxyproto"},
	"smtpsh/internal/pipe":  {"golang.org/x/sys/unix"},
	"smtpsh/internal/spool": {},
	"smtpsh/internal/swaks": {
		"smtpsh/engine", "smtpsh/engine/event", "smtpsh/engine/reply", "smtpsh/engine/saslmech", "smtpsh/engine/secret", "smtpsh/transcript",
	},
	"smtpsh/internal/netrc":      {},
	"smtpsh/internal/mx":         {"smtpsh/internal/exit", "golang.org/x/net/idna"},
	"smtpsh/internal/deliver":    {"smtpsh/engine", "smtpsh/internal/message", "smtpsh/internal/spool"},
	"smtpsh/internal/luapat":     {},
	"smtpsh/internal/lazyregexp": {},
	"smtpsh/internal/safetext":   {},
	"smtpsh/internal/duration":   {"smtpsh/internal/lazyregexp"},
	"smtpsh/internal/dialogue": {
		"smtpsh/internal/exitstatus", "smtpsh/internal/exit", "smtpsh/engine/secret",
		"smtpsh/internal/advice", "smtpsh/internal/testrun",
		"smtpsh/internal/readfile", "smtpsh/internal/lazyregexp", "smtpsh/engine",
		"smtpsh/engine/event", "smtpsh/engine/reply", "smtpsh/engine/verb",
		"smtpsh/internal/duration", "smtpsh/transcript",
	},
	"smtpsh/internal/imap": {
		"smtpsh/engine", "smtpsh/engine/tlsinfo", "github.com/emersion/go-imap/v2",
		"github.com/emersion/go-imap/v2/imapclient", "github.com/emersion/go-sasl",
	},
	"smtpsh/internal/testrun": {
		"smtpsh/engine/secret", "smtpsh/internal/exit", "smtpsh/engine/event",
		"smtpsh/engine/reply", "smtpsh/internal/explain", "smtpsh/internal/lazyregexp",
		"smtpsh/internal/readfile",
		"smtpsh/internal/suggest", "smtpsh/internal/wholefile", "smtpsh/transcript",
		"github.com/jstemmer/go-junit-report/v2/junit",
	},
	"smtpsh/internal/suggest": {},
	"smtpsh/internal/jsondoc": {},
	"smtpsh/internal/reach":   {"smtpsh/internal/exit"},
	"smtpsh/internal/load": {
		"smtpsh/internal/lazyregexp", "smtpsh/luabind", "smtpsh/luabind/smtpmod",
		"smtpsh/engine/event", "smtpsh/engine/reply", "smtpsh/transcript",
		"github.com/HdrHistogram/hdrhistogram-go",
	},
	"smtpsh/internal/nearby":  {},
	"smtpsh/internal/inspect": {"smtpsh/internal/sandbox"},
	"smtpsh/internal/dialer": {
		"smtpsh/engine/tlsinfo", "smtpsh/internal/advice", "smtpsh/engine", "smtpsh/engine/event",
		"smtpsh/internal/sandbox", "smtpsh/internal/nearby",
	},
	"smtpsh/internal/exitstatus": {"smtpsh/internal/exit", "smtpsh/engine/reply", "smtpsh/engine"},
	"smtpsh/internal/fakeserver": {"golang.org/x/net/dns/dnsmessage"},
	"smtpsh/internal/archtest":   {},
	"smtpsh/internal/peers":      {},
	"smtpsh/scripts":             {},
	"smtpsh/testscripts":         {},

	// Lua does not import the prompt or the command line; modules_test.go has the rule for
	// modules
	"smtpsh/luabind": {
		"smtpsh/internal/exit", "smtpsh/engine/secret", "smtpsh/internal/reach",
		"smtpsh/internal/suggest", "smtpsh/internal/safetext",
		"smtpsh/internal/lazyregexp", "smtpsh/internal/luapat",
		"smtpsh/internal/duration", "smtpsh/internal/readfile",
		"github.com/yuin/gopher-lua", "github.com/yuin/gopher-lua/ast",
		"github.com/yuin/gopher-lua/parse",
	},
	"smtpsh/luabind/all":  {"smtpsh/..."},
	"smtpsh/luabind/docs": {"smtpsh/luabind"},
	"smtpsh/luabind/lint": {
		"smtpsh/internal/dialogue", "smtpsh/internal/suggest",
		"smtpsh/internal/sandbox", "smtpsh/luabind", "smtpsh/luabind/servermod",
		"smtpsh/luabind/smtpmod",
		"github.com/yuin/gopher-lua", "github.com/yuin/gopher-lua/ast",
	},

	// only one package imports readline
	"smtpsh/repl/line": {
		"smtpsh/internal/readfile", "smtpsh/internal/wholefile",
		"github.com/chzyer/readline", "golang.org/x/sys/unix", "golang.org/x/term",
	},
	"smtpsh/repl": {
		"smtpsh/internal/shellword", "smtpsh/internal/logfile", "smtpsh/engine/secret",
		"smtpsh/internal/exitstatus", "smtpsh/internal/exit", "smtpsh/internal/advice",
		"smtpsh/internal/lazyregexp", "smtpsh/engine", "smtpsh/engine/event",
		"smtpsh/engine/reply", "smtpsh/engine/verb", "smtpsh/engine/saslmech",
		"smtpsh/engine/tlsinfo",
		"smtpsh/internal/dialer", "smtpsh/internal/dialogue", "smtpsh/internal/netrc", "smtpsh/internal/pipe", "smtpsh/internal/proxy",
		"smtpsh/internal/swaks",
		"smtpsh/internal/duration", "smtpsh/internal/diagram",
		"smtpsh/internal/explain", "smtpsh/internal/inspect",
		"smtpsh/internal/lessons", "smtpsh/internal/nearby",
		"smtpsh/internal/readfile", "smtpsh/internal/sandbox", "smtpsh/transcript",
		"smtpsh/internal/tutor", "smtpsh/internal/wholefile",
		"smtpsh/internal/suggest", "smtpsh/luabind", "smtpsh/luabind/smtpmod",
		"smtpsh/luabind/lessonmod", "smtpsh/repl/line",
	},
	"smtpsh/internal/readfile":  {},
	"smtpsh/internal/shellword": {},
	"smtpsh/internal/logfile":   {"smtpsh/engine/event", "smtpsh/transcript", "smtpsh/internal/wholefile"},
	"smtpsh/internal/wholefile": {},
	"smtpsh/internal/redteam":   {},
	"smtpsh/internal/hostile":   {"smtpsh/internal/authority", "smtpsh/transcript"},
	"smtpsh/internal/lessons": {
		"smtpsh/luabind/lessonmod", "smtpsh/internal/lazyregexp",
		"smtpsh/engine/reply", "smtpsh/internal/sandbox", "smtpsh/luabind",
		"smtpsh/internal/readfile", "smtpsh/internal/wholefile",
	},

	"smtpsh/internal/cli": {
		"smtpsh/internal/lazyregexp", "smtpsh/...", "github.com/spf13/cobra",
		"github.com/spf13/pflag", "golang.org/x/term",
	},
	"smtpsh/internal/docgen":     {"smtpsh/..."},
	"smtpsh/internal/docgen/gen": {"smtpsh/internal/docgen"},
}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range packages(t) {
		if isModule(p.ImportPath) {
			continue
		}
		may, ok := allowed[p.ImportPath]
		if !ok {
			t.Errorf("%s is not in the table of internal/archtest; add it with its allowed imports", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if isStd(imp) || slices.Contains(may, imp) || strings.HasPrefix(imp, "smtpsh/") && slices.Contains(may, "smtpsh/...") {
				continue
			}
			t.Errorf("%s may not import %s", p.ImportPath, imp)
		}
	}
}

// isStd reports whether a path belongs to the standard library, whose first element has no
// dot.
func isStd(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != "smtpsh"
}

// forbidden are packages of the standard library that would change the role of a package.
var forbidden = map[string][]string{
	"smtpsh/engine":          {"os", "log", "log/slog", "flag", "os/exec", "net/textproto", "net/smtp"},
	"smtpsh/engine/event":    {"os", "log", "log/slog", "flag", "net"},
	"smtpsh/engine/reply":    {"os", "log", "log/slog", "flag", "net", "net/textproto"},
	"smtpsh/engine/wire":     {"os", "log", "log/slog", "flag", "net", "time", "net/textproto"},
	"smtpsh/engine/verb":     {"os", "log", "flag", "net"},
	"smtpsh/engine/secret":   {"os", "log", "log/slog", "flag", "net", "os/exec"},
	"smtpsh/engine/saslmech": {"os", "log", "flag"},
}

// exceptions are imports that are allowed for one symbol, with the reason.
var exceptions = map[string]string{
	"smtpsh/engine os": "os.ErrDeadlineExceeded is how connections tell of a deadline",
}

func TestEnginePrintsNothing(t *testing.T) {
	for _, p := range packages(t) {
		for _, imp := range p.Imports {
			if slices.Contains(forbidden[p.ImportPath], imp) && exceptions[p.ImportPath+" "+imp] == "" {
				t.Errorf("%s imports %s", p.ImportPath, imp)
			}
		}
	}
}
