package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"smtpsh/internal/transcript"
	"smtpsh/luabind"
)

// varFlags are the inputs of scripts: variables and secrets.
type varFlags struct {
	vars    []string
	files   []string
	secrets []string
	// memory is how many MiB scripts may use.
	memory int64
	// luaTime is how long Lua may run without a wait.
	luaTime time.Duration
	// reach is what scripts may reach on this machine.
	reach luabind.Reach

	mu     sync.Mutex
	values map[string]string
	source map[string]string // secret name to where it is
	known  map[string]string // secrets that were read already
	getenv func(string) string
	asked  map[string]bool // names that scripts have asked for
}

// defaultMemory is far more than a script needs that sends mail, and less than what
// makes a machine swap.
const defaultMemory = 512

func (v *varFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&v.vars, "var", nil, "give scripts a variable: `NAME=VALUE`; SMTPSH_VAR_NAME does the same")
	f.StringArrayVar(&v.files, "vars-file", nil, "read NAME=VALUE lines from `FILE`")
	f.Int64Var(&v.memory, "max-memory", defaultMemory, "stop scripts that use more than `MIB`; 0 for no limit")
	timeVar(f, &v.luaTime, "max-lua", luabind.DefaultLuaTime, "stop Lua that runs for `TIME` without waiting for a server or anything else (default 5m); 0 for no limit")
	f.StringArrayVar(&v.reach.Unix, "allow-unix", nil, "let scripts use the unix socket at `PATH`; those in their own folder need no flag")
	f.BoolVar(&v.reach.Listen, "allow-listen", false, "let scripts start servers on addresses that other machines can connect to")
	f.StringArrayVar(&v.reach.Env, "env", nil, "let scripts read the environment variable `NAME`; SMTPSH_VAR_* they read without it")
	f.StringArrayVar(&v.secrets, "secret", nil, "give scripts a secret: `NAME=@prompt`, @env:X, @file:PATH or @cmd:COMMAND")
}

// parse reads files first, then flags: the command line wins.
func (v *varFlags) parse(getenv func(string) string) error {
	if v.luaTime < 0 {
		return &usageError{err: errors.New("--max-lua: a time limit cannot be negative"), hint: "0 is no limit"}
	}
	v.values, v.source, v.known, v.getenv = map[string]string{}, map[string]string{}, map[string]string{}, getenv
	for _, path := range v.files {
		if err := v.readFile(path); err != nil {
			return err
		}
	}
	for _, s := range v.vars {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return &usageError{err: fmt.Errorf("--var: %q is not NAME=VALUE", s), hint: "as in --var user=ann@example.org"}
		}
		v.values[name] = value
	}
	for _, s := range v.secrets {
		name, from, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return &usageError{err: fmt.Errorf("--secret: want NAME=@SOURCE"), hint: "as in --secret pass=@prompt"}
		}
		kind, _, _ := strings.Cut(from, ":")
		switch kind {
		case "@prompt", "@env", "@file", "@cmd":
		default:
			// the value is not repeated: it may be the secret itself
			return &usageError{err: fmt.Errorf("--secret %s: the value must be @prompt, @env:X, @file:PATH or @cmd:COMMAND", name), hint: "a secret on the command line could be read by every user of this machine"}
		}
		v.source[name] = from
	}
	return nil
}

func (v *varFlags) readFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return &usageError{err: fmt.Errorf("--vars-file: %w", err), hint: "name a file that can be read; each of its lines is NAME=VALUE"}
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		l := sc.Text()
		if n == 1 { // a byte order mark is no part of a name
			l = strings.TrimPrefix(l, "\ufeff")
		}
		l = strings.TrimSpace(l)
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		name, value, ok := strings.Cut(l, "=")
		if !ok || name == "" {
			return &usageError{err: fmt.Errorf("%s:%d: the line is not NAME=VALUE", path, n), hint: "write user=ann@example.org, say; # begins a comment"}
		}
		v.values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	if err := sc.Err(); err != nil {
		return &usageError{err: fmt.Errorf("--vars-file %s: %w", path, err), hint: "each line of the file is NAME=VALUE"}
	}
	return nil
}

// get returns a variable from the flags, a file or the environment.
func (v *varFlags) get(name string) (string, bool) {
	v.ask(name)
	if value, ok := v.values[name]; ok {
		return value, true
	}
	value := v.getenv("SMTPSH_VAR_" + name)
	return value, value != ""
}

// isSecretEnv reports that a secret is read from an environment variable.
func (v *varFlags) isSecretEnv(name string) bool {
	for _, from := range v.source {
		if from == "@env:"+name {
			return true
		}
	}
	return false
}

func (v *varFlags) ask(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asked == nil {
		v.asked = map[string]bool{}
	}
	v.asked[name] = true
}

// luaLimit is the limit in the form of luabind.
func (v *varFlags) luaLimit() time.Duration {
	if v.luaTime == 0 {
		return -1
	}
	return v.luaTime
}

// unused warns of variables and secrets of the command line that no script has
// asked for: their names are misspelt, perhaps.
func (a *app) unused() {
	v := &a.vars
	var asked, given []string
	v.mu.Lock()
	for name := range v.asked {
		asked = append(asked, name)
	}
	for _, list := range [][]string{v.vars, v.secrets} {
		for _, s := range list {
			if name, _, _ := strings.Cut(s, "="); !v.asked[name] {
				given = append(given, name)
			}
		}
	}
	v.mu.Unlock()
	for _, name := range given {
		words := ""
		if near := luabind.Suggest(name, asked); near != "" {
			words = "; did you mean " + near + "?"
		}
		fmt.Fprintf(a.Stderr, "smtpsh: no script or test has used %s%s\n", transcript.Escape(name), words)
	}
}

// secretWait bounds a @cmd: that does not end.
const secretWait = time.Minute

// secret reads a secret when it is first asked for.
func (v *varFlags) secret(a *app, name string) (string, bool, error) {
	v.ask(name)
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.known[name]; ok {
		return s, true, nil
	}
	from, ok := v.source[name]
	if !ok {
		return "", false, nil
	}
	s, err := readSecret(a, name, from)
	if err != nil {
		return "", true, err
	}
	if s == "" {
		return "", true, fmt.Errorf("%s gives nothing", strings.SplitN(from, ":", 2)[0])
	}
	v.known[name] = s
	return s, true, nil
}

// maxSecret bounds a secret; access tokens have a few thousand octets.
const maxSecret = 64 << 10

// secretFile reads a secret from a file, or from a pipe that the shell has opened.
func secretFile(a *app, path string) (string, error) {
	f, err := a.open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err == nil && len(b) > maxSecret {
		err = fmt.Errorf("%s has more than %d octets: that is no secret", path, maxSecret)
	}
	return strings.TrimRight(strings.TrimPrefix(string(b), "\ufeff"), "\r\n"), err
}

func readSecret(a *app, name, from string) (string, error) {
	kind, what, _ := strings.Cut(from, ":")
	switch kind {
	case "@prompt":
		return a.askHidden(name + " (not shown): ")
	case "@env":
		s := a.Getenv(what)
		if s == "" {
			return "", fmt.Errorf("the environment has no %s", what)
		}
		return s, nil
	case "@file":
		return secretFile(a, what)
	}
	ctx, cancel := context.WithTimeout(context.Background(), secretWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", what)
	cmd.Stderr = a.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("the command failed: %w", err)
	}
	first, _, _ := bytes.Cut(out, []byte("\n"))
	return strings.TrimRight(string(first), "\r"), nil
}
