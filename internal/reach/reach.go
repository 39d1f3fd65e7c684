package reach

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"smtpsh/internal/exit"
)

// Reach lists what a script may use on this machine in addition to the files of its folder.
// The zero value allows nothing.
type Reach struct {
	// Unix are paths of sockets that a script may connect to and listen on. Sockets in the
	// script's folder, and the target of the command line, are always allowed.
	Unix []string
	// Listen allows servers on addresses that other machines can connect to.
	Listen bool
	// Env are the environment variables that os.getenv returns, in addition to those that
	// begin with SMTPSH_VAR_.
	Env []string
	// Anything is for text that the user types.
	Anything bool
}

// SocketError is the error for a unix socket that a script must not use. It does not show
// whether the socket exists.
type SocketError struct{ Path string }

// Error names the socket.
func (e *SocketError) Error() string {
	return "scripts cannot use unix sockets outside their folder: " + e.Path
}

// Hint returns how to allow it.
func (e *SocketError) Hint() string {
	return fmt.Sprintf("allow it with --allow-unix %s, or name it with --server", e.Path)
}

// ExitStatus returns the status of a wrong script.
func (e *SocketError) ExitStatus() int { return exit.Script }

// Socket returns a [*SocketError] if a script in a folder, "" for none, must not use a unix
// socket. The server of such a socket is often not a mail server, and trusts every program
// that can connect.
func (r Reach) Socket(dir, path string) error {
	if r.Anything || slices.Contains(r.Unix, path) {
		return nil
	}
	// a name that begins with @ is not a path: on Linux it is a socket without a file
	//mutant:sockets-without-a-file-are-not-the-folders is "!strings.HasPrefix(path, \"@\") && " ""
	//mutant:a-script-reaches-no-foreign-socket is "&& inside(dir, path)" "|| true"
	if dir != "" && !strings.HasPrefix(path, "@") && !strings.HasPrefix(path, "\x00") && inside(dir, path) {
		return nil
	}
	return &SocketError{path}
}

// ProgramError is the error for a target that starts a program, which a script must not do.
type ProgramError struct{ Command string }

// Error names the command.
func (e *ProgramError) Error() string { return "scripts cannot start programs: pipe:" + e.Command }

// Hint returns how to allow it.
func (e *ProgramError) Hint() string {
	return "name the target with --server, run with --unsafe, or give the test the option exec = true"
}

// ExitStatus returns the status of a wrong script.
func (e *ProgramError) ExitStatus() int { return exit.Script }

// Program returns a [*ProgramError] if a script must not start the program of a pipe target.
func (r Reach) Program(command string) error {
	//mutant:a-script-starts-no-program-by-a-target is "r.Anything" "true"
	if r.Anything {
		return nil
	}
	return &ProgramError{command}
}

// inside reports whether a path is in a folder after links are followed. The last element
// need not exist; if it is a link, it is refused.
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
