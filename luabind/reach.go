package luabind

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Reach is what a script may reach on this machine beside the files of its folder. The
// zero value is the least. Options.Unsafe includes all of it.
type Reach struct {
	// Unix are sockets, by path, that a script may connect to and listen on. Those in
	// the script's folder, and the one that is the target of the command line, need not
	// be named.
	Unix []string
	// Listen allows servers on addresses that other machines can connect to.
	Listen bool
	// Env are the variables of the environment that os.getenv returns, beside those
	// that begin with SMTPSH_VAR_.
	Env []string
	// Anything is for Lua that the person at the keyboard types.
	Anything bool
}

// MaySocket returns an error if a script may not use a socket. It does not say whether
// the socket exists.
func (vm *VM) MaySocket(op, path string) error {
	if vm.opts.Unsafe || vm.opts.Reach.Anything || slices.Contains(vm.opts.Reach.Unix, path) {
		return nil
	}
	// a name that begins with @ is no path: on Linux it is a socket without a file
	if vm.opts.Dir != "" && !strings.HasPrefix(path, "@") && !strings.HasPrefix(path, "\x00") && inside(vm.opts.Dir, path) {
		return nil
	}
	e := UsageError("%s: scripts reach no unix socket outside their folder: %s", op, path).(*ErrorValue)
	e.Hint = fmt.Sprintf("allow it with --allow-unix %s, or name it with --server", path)
	return e
}

// inside reports whether a path, whose last element need not exist, lies in a folder
// once links are followed. A link that is the last element is not followed but refused.
func inside(dir, path string) bool {
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
		return false
	}
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return false
	}
	if root, err = filepath.Abs(root); err != nil {
		return false
	}
	if parent, err = filepath.Abs(parent); err != nil {
		return false
	}
	rel, err := filepath.Rel(root, parent)
	return err == nil && filepath.IsLocal(rel)
}

// getenv is os.getenv. A variable that exists and is not given to scripts is an error
// rather than nil, so that a script does not go on without it.
func (vm *VM) getenv(name string) (string, error) {
	value := vm.host.Getenv(name)
	if value == "" || vm.opts.Unsafe || vm.opts.Reach.Anything || strings.HasPrefix(name, "SMTPSH_VAR_") || slices.Contains(vm.opts.Reach.Env, name) {
		return value, nil
	}
	e := UsageError("os.getenv: scripts do not see the variable %s", name).(*ErrorValue)
	e.Hint = "give it with --env " + name + ", or a value with --var"
	return "", e
}
