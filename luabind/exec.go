package luabind

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Proc is a program that a script has started.
type Proc struct {
	cmd      *exec.Cmd
	name     string
	out, err limitedBuffer
	done     chan struct{}
	status   int
	failure  error
}

// maxProcOutput is how much of a program's output is kept.
const maxProcOutput = 1 << 20

// limitedBuffer keeps the beginning of what is written.
type limitedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write keeps what there is room for.
func (l *limitedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Write(b[:min(len(b), maxProcOutput-l.b.Len())])
	return len(b), nil
}

func (l *limitedBuffer) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var execOpts = Class{
	Name: "exec.Opts", Doc: "How a program is started.",
	Keys: []Param{
		{Name: "stdin", Type: "string", Optional: true, Doc: "What it reads; nothing by default."},
		{Name: "env", Type: "table<string, string>", Optional: true, Doc: "Further environment variables."},
	},
}

var execFuncs = []Func{{
	Name: "start", On: "exec", Returns: "exec.Proc",
	Params:  []Param{{Name: "cmd", Type: "string|string[]", Doc: "A line for the shell, or a list: program and arguments."}, {Name: "opts", Type: execOpts.Name, Optional: true, Doc: "Options."}},
	Doc:     "Starts a program beside the script, such as the mail client under test. Needs --unsafe, or a test with the option exec = true. It is killed at the end of the test or script.",
	Example: `local p = exec.start("echo hello"); expect(p:wait("10s")):equals(0); expect(p.stdout):equals("hello\n")`,
	Call:    startProc,
}}

func startProc(c *Call) error {
	if err := c.online(); err != nil {
		return err
	}
	scope := c.scope()
	if allowed, _ := scope.nearest(allowedKey{}).(bool); !allowed && !c.vm.Options().Unsafe {
		e := usageError("exec.start: scripts may not start programs").(*ErrorValue)
		e.Hint = "run with --unsafe, or give the test the option exec = true: it(name, {exec = true}, fn)"
		return e
	}
	p := &Proc{done: make(chan struct{})}
	if t := c.table(0); t != nil {
		args, err := readStrings("cmd", t)
		if err != nil || len(args) == 0 {
			return usageError("exec.start: the list must hold a program and its arguments, all strings")
		}
		p.name, p.cmd = args[0], exec.Command(args[0], args[1:]...)
	} else {
		p.name, p.cmd = c.str(0), exec.Command("sh", "-c", c.str(0))
	}
	ownGroup(p.cmd)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	p.cmd.WaitDelay = time.Second
	if t := c.table(1); t != nil {
		if v := t.RawGetString("stdin"); v != lua.LNil {
			p.cmd.Stdin = strings.NewReader(v.String())
		}
		if env, ok := t.RawGetString("env").(*lua.LTable); ok {
			p.cmd.Env = p.cmd.Environ()
			env.ForEach(func(k, v lua.LValue) { p.cmd.Env = append(p.cmd.Env, k.String()+"="+v.String()) })
		}
	}
	if err := p.cmd.Start(); err != nil {
		return &ErrorValue{Kind: "usage", Op: "exec.start", Message: "exec.start: " + err.Error(), Err: err}
	}
	go func() {
		err := p.cmd.Wait()
		p.status = p.cmd.ProcessState.ExitCode()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.failure = err
		}
		close(p.done)
	}()
	scope.onClose(p.end)
	c.push(c.object(p))
	return nil
}

type allowedKey struct{}

// Allow says whether what runs in a scope may start programs.
func Allow(s *scope, allowed bool) { s.attach(allowedKey{}, allowed) }

// end kills the program and waits for it.
func (p *Proc) end() {
	select {
	case <-p.done:
		return
	default:
	}
	killGroup(p.cmd)
	<-p.done
}

var procClass = Class{
	Name: "exec.Proc", Type: reflect.TypeFor[*Proc](), Doc: "A program that was started.",
	Fields: []Field{
		{Name: "stdout", Type: "string", Doc: "What it has written so far; at most 1 MiB is kept.", Get: func(_ *Call, v any) lua.LValue { return lua.LString(v.(*Proc).out.text()) }},
		{Name: "stderr", Type: "string", Doc: "What it has written to standard error.", Get: func(_ *Call, v any) lua.LValue { return lua.LString(v.(*Proc).err.text()) }},
		{Name: "pid", Type: "integer", Doc: "Its process number.", Get: func(_ *Call, v any) lua.LValue { return lua.LNumber(v.(*Proc).cmd.Process.Pid) }},
	},
}

var procFuncs = []Func{
	{
		Name: "wait", On: "exec.Proc", Params: []Param{{Name: "timeout", Type: "number|string", Optional: true, Doc: "How long; 30 seconds by default."}}, Returns: "integer",
		Doc:     "Waits for its end and returns the exit status, -1 when a signal ended it. Raises kind timeout when it goes on.",
		Example: `expect(exec.start("exit 3"):wait("10s")):equals(3)`,
		Call: func(c *Call) error {
			d, err := c.duration(0)
			if err != nil {
				return err
			}
			if d == 0 {
				d = 30 * time.Second
			}
			p := c.self.(*Proc)
			ctx, cancel := context.WithTimeout(c.ctx(), d)
			defer cancel()
			ended := false
			c.wait(func() {
				select {
				case <-p.done:
					ended = true
				case <-ctx.Done():
				}
			})
			if !ended {
				return &ErrorValue{Kind: "timeout", Op: "wait", Message: "wait: " + quoted(p.name) + " has not ended after " + d.String()}
			}
			if p.failure != nil {
				return &ErrorValue{Kind: "usage", Op: "wait", Message: "wait: " + p.failure.Error()}
			}
			c.push(lua.LNumber(p.status))
			return nil
		},
	},
	{
		Name: "kill", On: "exec.Proc",
		Doc:     "Kills it and all that it has started.",
		Example: `local p = exec.start("sleep 60"); p:kill(); expect(p:wait("10s")):differs(0)`,
		Call: func(c *Call) error {
			p := c.self.(*Proc)
			c.wait(p.end)
			return nil
		},
	},
}
