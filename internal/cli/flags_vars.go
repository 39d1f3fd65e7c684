package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"smtpsh/engine/secret"
	"smtpsh/internal/readfile"
	"smtpsh/internal/suggest"
	"smtpsh/luabind"
)

// varFlags are the inputs of scripts: variables and secrets.
type varFlags struct {
	vars    []string
	files   []string
	secrets []string
	// memory limits the memory of scripts, in MiB.
	memory int64
	// luaTime limits the time that Lua runs without waiting.
	luaTime time.Duration
	// reach lists what scripts may use on this machine.
	reach luabind.Reach

	mu     sync.Mutex
	values map[string]string
	source map[string]secret.Source // the sources of secrets, by name
	known  map[string]string        // the secrets that were read
	getenv func(string) string
	asked  map[string]kindAsked // what scripts have requested, by name
}

// defaultMemory is much more than scripts that send mail need, and less than what would
// make a machine swap.
const defaultMemory = 512

func (v *varFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&v.vars, "var", nil, "set a variable for scripts: `NAME=VALUE`; the environment variable SMTPSH_VAR_NAME does the same")
	f.StringArrayVar(&v.files, "vars-file", nil, "read variables from `FILE`, one NAME=VALUE in each line")
	f.Int64Var(&v.memory, "max-memory", defaultMemory,
		fmt.Sprintf("stop scripts that use more than `MIB` of memory; 0 for no limit (default: %d; smtpsh sandbox has its own limits)",
			defaultMemory))
	timeVar(f, &v.luaTime, "max-lua", luabind.DefaultLuaTime,
		"stop Lua code that runs for `TIME` without waiting for a server; 0 for no limit (default: 5m)")
	f.StringArrayVar(&v.reach.Unix, "allow-unix", nil, "let scripts use the unix socket at `PATH`; sockets in the script's folder "+
		"need no flag")
	f.BoolVar(&v.reach.Listen, "allow-listen", false, "let scripts start servers on addresses that other machines can connect to")
	f.StringArrayVar(&v.reach.Env, "env", nil, "let scripts read the environment variable `NAME`; SMTPSH_VAR_* need no flag")
	f.StringArrayVar(&v.secrets, "secret", nil,
		"set a secret for send, scripts, tests and dialogues: `NAME=@prompt`"+strings.TrimPrefix(secret.Usage(), string(secret.Prompt)))
}

// parse reads the files first, then the flags, so that the command line has precedence.
func (v *varFlags) parse(ctx context.Context, getenv func(string) string) error {
	if v.luaTime < 0 {
		return &usageError{err: errors.New("--max-lua: a time limit must not be negative"), hint: "write 0 for no limit"}
	}
	v.values, v.source, v.known, v.getenv = map[string]string{}, map[string]secret.Source{}, map[string]string{}, getenv
	for _, path := range v.files {
		if err := v.readFile(ctx, path); err != nil {
			return err
		}
	}
	for _, s := range v.vars {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return &usageError{err: fmt.Errorf("--var: %q is not NAME=VALUE", s), hint: "for example --var user=ann@example.org"}
		}
		v.values[name] = value
	}
	for _, s := range v.secrets {
		name, from, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return &usageError{err: fmt.Errorf("--secret: expected NAME=@SOURCE"), hint: "for example --secret pass=@prompt"}
		}
		source, err := secret.Parse(from)
		if err != nil {
			return &usageError{
				err:  fmt.Errorf("--secret %s: %w", name, err),
				hint: "every user of this machine can read a secret on the command line",
			}
		}
		v.source[name] = source
	}
	return nil
}

// maxVarsFile limits the size of a file of variables, in bytes.
const maxVarsFile = 1 << 20

// readFile reads the lines of a file, which may be a pipe.
func (v *varFlags) readFile(ctx context.Context, path string) error {
	text, err := readfile.Read(ctx, path, readfile.Rule{Limit: maxVarsFile, Streams: true})
	if stopped(err) {
		return err
	}
	if err != nil {
		return &usageError{err: fmt.Errorf("--vars-file: %w", err), hint: "name a readable file with one NAME=VALUE in each line"}
	}
	n := 0
	for l := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) { // a byte order mark does not belong to the name
		n++
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		name, value, ok := strings.Cut(l, "=")
		if !ok || name == "" {
			return &usageError{
				err:  fmt.Errorf("%s:%d: the line is not NAME=VALUE", path, n),
				hint: "write lines such as user=ann@example.org; # begins a comment",
			}
		}
		v.values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return nil
}

// get returns a variable from the flags, a file or the environment.
func (v *varFlags) get(name string) (string, bool) {
	v.ask(name, askedVar)
	if value, ok := v.values[name]; ok {
		return value, true
	}
	value := v.getenv("SMTPSH_VAR_" + name)
	return value, value != ""
}

// isSecretEnv reports whether a secret is read from an environment variable.
func (v *varFlags) isSecretEnv(name string) bool {
	for _, from := range v.source {
		if from == (secret.Source{Kind: secret.Env, Arg: name}) {
			return true
		}
	}
	return false
}

// kindAsked tells how scripts have requested a name.
type kindAsked uint8

const (
	askedVar kindAsked = 1 << iota
	askedSecret
)

func (v *varFlags) ask(name string, as kindAsked) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asked == nil {
		v.asked = map[string]kindAsked{}
	}
	v.asked[name] |= as
}

// luaLimit returns the limit in the form that luabind uses.
func (v *varFlags) luaLimit() time.Duration {
	if v.luaTime == 0 {
		return -1
	}
	return v.luaTime
}

// unused prints warnings for variables and secrets of the command line that no script
// requested. Their names may be misspelled.
func (a *app) unused() {
	v := &a.vars
	v.mu.Lock()
	var warnings []string
	for _, s := range v.vars {
		warnings = append(warnings, v.unusedWords(s, askedVar))
	}
	for _, s := range v.secrets {
		warnings = append(warnings, v.unusedWords(s, askedSecret))
	}
	v.mu.Unlock()
	for _, w := range warnings {
		if w != "" {
			fmt.Fprintf(a.Stderr, "smtpsh: warning: %s\n", brief(w))
		}
	}
}

// unusedWords returns the warning for NAME=VALUE if no script requested the name as a
// variable or as a secret, or "".
func (v *varFlags) unusedWords(given string, as kindAsked) string {
	name, _, _ := strings.Cut(given, "=")
	if v.asked[name]&as != 0 {
		return ""
	}
	if v.asked[name]&askedSecret != 0 {
		return name + " is a secret, and --var does not set it; use --secret " + name + "=@prompt"
	}
	if v.asked[name]&askedVar != 0 {
		return name + " is a variable, and --secret does not set it; use --var " + name + "=VALUE"
	}
	var names []string
	for n := range v.asked {
		names = append(names, n)
	}
	near := suggest.Name(name, names)
	switch {
	case near == "":
		return name + " was never used"
	case v.asked[near]&askedVar == 0 && as == askedVar:
		return name + " was never used; the script has a secret " + near + ": --secret " + near + "=@prompt"
	}
	return name + " was never used; did you mean " + near + "?"
}
