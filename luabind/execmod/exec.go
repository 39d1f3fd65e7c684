package execmod

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"time"

	"smtpsh/luabind"

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

// maxProcOutput limits the stored output of a program, in bytes.
const maxProcOutput = 1 << 20

// limitedBuffer stores the beginning of the output.
type limitedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write stores as much as fits.
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

var execOpts = luabind.Class{
	Name: "exec.Opts", Doc: "Options of exec.start.",
	Keys: []luabind.Param{
		{Name: "stdin", Type: "string", Optional: true, Doc: "Its standard input (default: empty)."},
		{Name: "env", Type: "table<string, string>", Optional: true, Doc: "Further environment variables."},
	},
}

var execFuncs = []luabind.Func{{
	Name: "start", On: "exec", Returns: "exec.Proc",
	Params: []luabind.Param{
		{Name: "cmd", Type: "string|string[]", Doc: "A shell command, or a list of program and arguments."},
		{Name: "opts", Type: execOpts.Name, Optional: true, Doc: "Options."},
	},
	Doc: "Starts a program, such as the mail client under test. It requires --unsafe, or a test with the option exec = true. The " +
		"program is killed at the end of the test or script.",
	Example: `local p = exec.start("echo hello"); expect(p:wait("10s")):equals(0); expect(p.stdout):equals("hello\n")`,
	Call:    startProc,
}}

func startProc(c *luabind.Call) error {
	if err := c.Online(); err != nil {
		return err
	}
	scope := c.Scope()
	if !scope.MayStartPrograms() && !c.VM.Options().Unsafe {
		e := luabind.UsageError("exec.start: scripts may not start programs").(*luabind.ErrorValue)
		e.Hint, e.Elsewhere = "run with --unsafe, or give the test the option exec = true: it(name, {exec = true}, fn)", true
		return e
	}
	p := &Proc{done: make(chan struct{})}
	if t := c.Table(0); t != nil {
		args, err := luabind.ReadStrings("cmd", t)
		if err != nil || len(args) == 0 {
			return luabind.UsageError("exec.start: the list must hold a program and its arguments, all strings")
		}
		p.name, p.cmd = args[0], exec.Command(args[0], args[1:]...)
	} else {
		p.name, p.cmd = c.Text(0), exec.Command("sh", "-c", c.Text(0))
	}
	ownGroup(p.cmd)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	p.cmd.WaitDelay = time.Second
	if t := c.Table(1); t != nil {
		if v := t.RawGetString("stdin"); v != lua.LNil {
			p.cmd.Stdin = strings.NewReader(v.String())
		}
		if env, ok := t.RawGetString("env").(*lua.LTable); ok {
			p.cmd.Env = p.cmd.Environ()
			env.ForEach(func(k, v lua.LValue) { p.cmd.Env = append(p.cmd.Env, k.String()+"="+v.String()) })
		}
	}
	if err := p.cmd.Start(); err != nil {
		return &luabind.ErrorValue{Kind: "usage", Op: "exec.start", Message: "exec.start: " + err.Error(), Err: err}
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
	scope.OnClose(p.end)
	c.Push(c.Object(p))
	return nil
}

// end kills the program and waits for its end.
func (p *Proc) end() {
	select {
	case <-p.done:
		return
	default:
	}
	killGroup(p.cmd)
	<-p.done
}

var procClass = luabind.Class{
	Name: "exec.Proc", Type: reflect.TypeFor[*Proc](),
	Example: `local x = exec.start{"true"}`, Doc: "A program started by exec.start.",
	Fields: []luabind.Field{
		{
			Name: "stdout", Type: "string",
			Doc: "Its standard output so far; at most 1 MiB is kept.",
			Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LString(v.(*Proc).out.text()) },
		},
		{
			Name: "stderr", Type: "string", Doc: "Its standard error so far.",
			Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LString(v.(*Proc).err.text()) },
		},
		{
			Name: "pid", Type: "integer", Doc: "Its process ID.",
			Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LNumber(v.(*Proc).cmd.Process.Pid) },
		},
	},
}

var procFuncs = []luabind.Func{
	{
		Name: "wait", On: "exec.Proc",
		Params:  []luabind.Param{{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit (default: 30 seconds)."}},
		Returns: "integer",
		Doc:     "Waits for its end and returns the exit status, -1 if a signal ended it. Raises kind timeout if it does not end in time.",
		Example: `expect(exec.start("exit 3"):wait("10s")):equals(3)`,
		Call: func(c *luabind.Call) error {
			d, err := c.Duration(0)
			if err != nil {
				return err
			}
			if d == 0 {
				d = 30 * time.Second
			}
			p := c.Self.(*Proc)
			ctx, cancel := context.WithTimeout(c.Context(), d)
			defer cancel()
			ended := false
			c.Wait(func() {
				select {
				case <-p.done:
					ended = true
				case <-ctx.Done():
				}
			})
			if !ended {
				return &luabind.ErrorValue{
					Kind: "timeout", Op: "wait",
					Message: "wait: " + luabind.Quoted(p.name) + " has not ended after " + d.String(),
				}
			}
			if p.failure != nil {
				return &luabind.ErrorValue{Kind: "usage", Op: "wait", Message: "wait: " + p.failure.Error()}
			}
			c.Push(lua.LNumber(p.status))
			return nil
		},
	},
	{
		Name: "kill", On: "exec.Proc",
		Doc:     "Kills it and its child processes.",
		Example: `local p = exec.start("sleep 60"); p:kill(); expect(p:wait("10s")):differs(0)`,
		Call: func(c *luabind.Call) error {
			p := c.Self.(*Proc)
			c.Wait(p.end)
			return nil
		},
	},
}
