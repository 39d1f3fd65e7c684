package reach

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smtpsh/internal/exit"
)

// Reach is what a script may reach on this machine next to the files of its folder. The
// zero value is the least.
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
	// Anything is for what the person at the keyboard types.
	Anything bool
}

// SocketError is a unix socket that a script may not use. It does not say whether the
// socket exists.
type SocketError struct{ Path string }

// Error names the socket.
func (e *SocketError) Error() string {
	return "scripts cannot use unix sockets outside their folder: " + e.Path
}

// Hint says how to allow it.
func (e *SocketError) Hint() string {
	return fmt.Sprintf("allow it with --allow-unix %s, or name it with --server", e.Path)
}

// ExitStatus is that of a script that is wrong.
func (e *SocketError) ExitStatus() int { return exit.Script }

// Socket returns a [*SocketError] if a script in a folder, "" for none, may not use a unix
// socket. A server at such a socket is often no mail server, and trusts who can reach it.
func (r Reach) Socket(dir, path string) error {
	if r.Anything || slices.Contains(r.Unix, path) {
		return nil
	}
	// a name that begins with @ is no path: on Linux it is a socket without a file
	//mutant:sockets-without-a-file-are-not-the-folders is "!strings.HasPrefix(path, \"@\") && " ""
	//mutant:a-script-reaches-no-foreign-socket is "&& inside(dir, path)" "|| true"
	if dir != "" && !strings.HasPrefix(path, "@") && !strings.HasPrefix(path, "\x00") && inside(dir, path) {
		return nil
	}
	return &SocketError{path}
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
