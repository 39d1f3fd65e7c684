package dialogue

import (
	"context"
	"errors"
	"os"
	"path"
	"strconv"
	"time"

	"smtpsh/engine"
	"smtpsh/engine/event"
	"smtpsh/engine/secret"
	"smtpsh/internal/readfile"
	"smtpsh/transcript"
)

// Host has the functions that dialogue files need from the program.
type Host interface {
	// Var returns the value of a variable given on the command line or in the environment.
	Var(name string) (string, bool)
	// Secret returns a secret by name; false if it was not given. It can wait for a user
	// or a program, until ctx ends.
	Secret(ctx context.Context, name string) (string, bool, error)
	// Server returns the target given on the command line or in the environment; "" for none.
	Server() string
	// Target returns the target of sessions that name none.
	Target() string
	// Options returns the connection options of the command line.
	Options() engine.Options
	// Dial opens a session to a target, "" for the default one. change changes the options
	// of this session.
	Dial(ctx context.Context, target string, change func(*engine.Options, *engine.Target)) (*engine.Session, error)
}

// Player plays dialogue files.
type Player struct {
	Host Host
	// Dir is the folder for :include; "" disables it.
	Dir string
	// Socket, if not nil, returns an error if a dialogue may not connect to a unix socket. It
	// is not called for the socket given on the command line.
	Socket func(path string) error
	// Program, if not nil, returns an error if a dialogue may not start the program of a pipe
	// target. It is not asked about the target of the host.
	Program func(command string) error
	// Watch, if not nil, is called with the context of each play. The function that it returns
	// is called when the play has ended. A program can use it to detect calls that block.
	Watch func(ctx context.Context) (over func())
}

// Run plays a dialogue file. The error is a [*FileError], or the cause that ended ctx.
func (p Player) Run(ctx context.Context, file string, src []byte) error {
	sources := map[string]string{file: string(src)}
	script, err := Parse(file, string(src))
	if err != nil {
		return fileError(file, err, sources)
	}
	_, err = p.play(ctx, script, sources)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fileError(file, err, sources)
}

// maxSessions limits the sessions whose transcripts are kept.
const maxSessions = 100

// Play plays a script and returns the transcripts of its sessions, even if it fails. It sends
// QUIT on all sessions that it opened and closes them. Errors are those of [Script.Play],
// with secrets masked.
func (p Player) Play(ctx context.Context, script *Script) ([]*transcript.Log, error) {
	return p.play(ctx, script, map[string]string{})
}

// play is Play; it stores the texts of included files in sources.
func (p Player) play(ctx context.Context, script *Script, sources map[string]string) ([]*transcript.Log, error) {
	if p.Watch != nil {
		defer p.Watch(ctx)()
	}
	secrets := p.Host.Options().Secrets
	if secrets == nil {
		secrets = &secret.Set{}
	}
	var kept []*transcript.Log
	logs := map[*engine.Session]*transcript.Log{}
	opened := 0
	_, err := script.Play(ctx, Env{
		Var: p.Host.Var, Secret: func(name string) (string, bool, error) { return p.Host.Secret(ctx, name) },
		Server: p.Host.Server(), Now: time.Now,
		Include: func(name string) (string, error) {
			text, err := p.include(ctx, name)
			if err == nil {
				sources[path.Clean(name)] = text
			}
			return text, err
		},
		Open: func(ctx context.Context, target string) (*engine.Session, error) {
			if err := p.mayConnect(target); err != nil {
				return nil, err
			}
			log := transcript.NewLog()
			if log.Name = target; target == "" {
				log.Name = p.Host.Target()
			}
			if len(kept) < maxSessions {
				kept = append(kept, log)
			}
			opened++
			s, err := p.Host.Dial(ctx, target, func(o *engine.Options, _ *engine.Target) {
				o.Label, o.Secrets = strconv.Itoa(opened), secrets
				o.Observer = event.Tee(o.Observer, log)
			})
			if s != nil {
				logs[s] = log
			}
			return s, err
		},
		Leave: func(ctx context.Context, s *engine.Session) error { return leave(ctx, s, logs[s]) },
	})
	return kept, hush(err, secrets)
}

// leave sends QUIT on an open session. It returns an error only if the server sent a reply
// that answers no command.
func leave(ctx context.Context, s *engine.Session, log *transcript.Log) error {
	if s.Closed() || ctx.Err() != nil {
		return nil
	}
	limit := leaveTime
	if end, ok := ctx.Deadline(); ok { // QUIT must not use the remaining time of the test
		limit = min(limit, time.Until(end)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if log != nil {
		log.Leaving()
	}
	err := s.Leave(ctx)
	if !engine.Unasked(err) {
		return nil
	}
	if log != nil {
		log.LeavingMatters()
	}
	return err
}

// mayConnect returns an error if a target is a unix socket that the dialogue may not use, or
// a program that it may not start.
func (p Player) mayConnect(target string) error {
	if target == "" || target == p.Host.Server() {
		return nil
	}
	t, err := engine.ParseTarget(target)
	switch {
	case err != nil || t.Network == "tcp":
		return nil //nolint:nilerr // Dial reports an invalid target
	case t.Network == "pipe" && p.Program != nil:
		return p.Program(t.Path)
	case t.Network == "unix" && p.Socket != nil:
		return p.Socket(t.Path)
	}
	return nil
}

// maxInclude limits an included file, in bytes; the limit of a dialogue is the same.
const maxInclude = 4 << 20

// include reads a file in the folder of the dialogue.
func (p Player) include(ctx context.Context, name string) (string, error) {
	if p.Dir == "" {
		return "", errors.New("the dialogue is not in a folder")
	}
	root, err := os.OpenRoot(p.Dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	text, err := readfile.In(ctx, root, name, maxInclude)
	if pe := new(os.PathError); errors.As(err, &pe) {
		err = pe.Err
	}
	return string(text), err
}

// hush masks secrets in a failure, because a server may repeat one.
func hush(err error, secrets *secret.Set) error {
	if m := new(Mismatch); errors.As(err, &m) {
		m.Want, m.Got, m.Hint = secrets.Mask(m.Want), secrets.Mask(m.Got), secrets.Mask(m.Hint)
	}
	return err
}
