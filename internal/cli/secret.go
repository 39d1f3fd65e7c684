package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"smtpsh/engine/secret"
	"smtpsh/internal/advice"
	"smtpsh/internal/netrc"
	"smtpsh/internal/readfile"
	"smtpsh/internal/shellword"
)

// secretWait limits the time of a @cmd: command.
const secretWait = time.Minute

// secretRest is the time that the output of a command may stay open after its end, because
// of a child process that it started.
const secretRest = time.Second

// maxSecret limits the size of a secret in bytes. Access tokens have a few thousand bytes.
const maxSecret = 64 << 10

// secret reads a secret when it is first requested. The end of ctx ends the wait.
func (v *varFlags) secret(ctx context.Context, a *app, name string) (string, bool, error) {
	v.ask(name, askedSecret)
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.known[name]; ok {
		return s, true, nil
	}
	from, ok := v.source[name]
	if !ok {
		return "", false, nil
	}
	s, err := a.secretReaders().Read(ctx, name, from)
	if err != nil {
		return "", true, err
	}
	if s == "" {
		return "", true, fmt.Errorf("%s is empty", from.Kind)
	}
	v.known[name] = s
	return s, true, nil
}

// secretReaders returns a reader for each kind of source.
func (a *app) secretReaders() secret.Readers {
	return secret.Readers{
		secret.Prompt: func(_ context.Context, name, _ string) (string, error) { return a.askHidden(name + " (not shown): ") },
		secret.Env: func(_ context.Context, _, variable string) (string, error) {
			if s := a.Getenv(variable); s != "" {
				return s, nil
			}
			return "", fmt.Errorf("the environment variable %s is not set", variable)
		},
		secret.Netrc:   func(ctx context.Context, _, host string) (string, error) { return secretNetrc(ctx, a, host) },
		secret.File:    func(ctx context.Context, _, path string) (string, error) { return secretFile(ctx, a, path) },
		secret.Program: func(ctx context.Context, _, command string) (string, error) { return secretCommand(ctx, a, command) },
	}
}

// secretFile reads a secret from a file, or from a pipe that the shell has opened.
func secretFile(ctx context.Context, a *app, path string) (string, error) {
	b, err := a.readNamed(ctx, path, maxSecret)
	if errors.As(err, new(*readfile.SizeError)) {
		err = fmt.Errorf("%w: this is not a secret", err)
	}
	return strings.TrimRight(strings.TrimPrefix(string(b), "\ufeff"), "\r\n"), err
}

// secretNetrc returns the password of HOST, or of USER@HOST, in the file ~/.netrc.
func secretNetrc(ctx context.Context, a *app, host string) (string, error) {
	user := ""
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, host = host[:i], host[i+1:]
	}
	l, err := a.netrcLogin(ctx, host, user)
	return l.Password, err
}

// netrcLogin returns the entry of a host in the file $NETRC, or else ~/.netrc. A file that other
// users can read is an error.
func (a *app) netrcLogin(ctx context.Context, host, user string) (netrc.Login, error) {
	path := a.Getenv("NETRC")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return netrc.Login{}, err
		}
		path = filepath.Join(home, netrcName)
	}
	info, err := os.Stat(path)
	if err != nil {
		return netrc.Login{}, err
	}
	if mode := info.Mode().Perm(); checksModes && mode&0o077 != 0 { //mutant:a-netrc-that-others-read-is-refused never
		return netrc.Login{}, advice.With(fmt.Errorf("%s can be read by others (%04o)", path, mode), "chmod 600 "+shellword.Quote(path))
	}
	text, err := readfile.Read(ctx, path, readfile.Rule{Limit: maxNetrc})
	if err != nil {
		return netrc.Login{}, err
	}
	l, ok, err := netrc.Find(string(text), host, user)
	switch {
	case err != nil:
		return l, fmt.Errorf("%s: %w", path, err)
	case !ok || l.Password == "":
		return l, fmt.Errorf("%s has no password for %s", path, host)
	}
	return l, nil
}

// maxNetrc limits the file, in bytes.
const maxNetrc = 1 << 20

// secretCommand returns the first line of a command's output. The output is limited to the
// size of a secret, and the time to one minute or the end of the run.
func secretCommand(ctx context.Context, a *app, command string) (string, error) {
	ctx, over := a.conn.reading(ctx)
	defer over()
	limit, stop := context.WithTimeoutCause(ctx, secretWait, fmt.Errorf("it did not end within %v", secretWait))
	defer stop()
	out := &bounded{limit: maxSecret, full: stop}
	cmd := exec.CommandContext(limit, "sh", "-c", command)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, a.Stderr, secretRest
	err := cmd.Run()
	switch {
	case out.over: //mutant:a-secret-of-a-command-is-bounded never
		return "", fmt.Errorf("the command wrote more than %d bytes: this is not a secret", maxSecret)
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case limit.Err() != nil:
		return "", fmt.Errorf("the command failed: %w", context.Cause(limit))
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // a child process kept the output open
		return "", fmt.Errorf("the command failed: %w", err)
	}
	first, _, _ := bytes.Cut(out.b.Bytes(), []byte("\n"))
	return strings.TrimRight(string(first), "\r"), nil
}

// bounded stores what is written up to a limit and calls full above it.
type bounded struct {
	b     bytes.Buffer
	limit int
	over  bool
	full  func()
}

func (w *bounded) Write(b []byte) (int, error) {
	if w.b.Len()+len(b) > w.limit {
		w.over = true
		w.full()
		return 0, errors.New("it is too long")
	}
	return w.b.Write(b)
}
