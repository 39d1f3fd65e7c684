package testmod

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/testrun"
	"smtpsh/luabind"
)

// Suite is what a test file defines with describe and it.
type Suite struct {
	File string

	vm    *luabind.VM
	root  *block
	open  *block // the block that is being defined; nil after the file was read
	tests int
	scope *luabind.Scope

	mu   sync.Mutex
	live []*luabind.Scope // of the current describe blocks
}

// test is one it of a file.
type test struct {
	*testrun.Test
	exec  bool // may start programs
	fn    *lua.LFunction
	block *block
}

// item is a child of a block: a block or a test.
type item struct {
	block *block
	test  *test
}

// block is a describe, or the file itself.
type block struct {
	name   string
	parent *block
	opts   testOptions
	items  []item
	line   int // where it begins; 0 if that is not known
	// endLine is where its function ends.
	endLine int

	beforeAll, afterAll, beforeEach, afterEach []*lua.LFunction

	scope  *luabind.Scope // from before_all to after_all
	failed error          // of before_all
	left   int            // selected tests that have not run
}

// readTestOptions reads the options of a test whose keys were checked.
func readTestOptions(name string, t *lua.LTable, outer testOptions) (testOptions, error) {
	o := outer
	o.tags = append([]string(nil), outer.tags...)
	o.tags = append(o.tags, testrun.NameTags(name)...)
	if t == nil {
		return o, nil
	}
	switch v := t.RawGetString("tags").(type) {
	case lua.LString:
		o.tags = append(o.tags, string(v))
	case *lua.LTable:
		for i := 1; i <= v.Len(); i++ {
			o.tags = append(o.tags, v.RawGetInt(i).String())
		}
	}
	if v := t.RawGetString("timeout"); v != lua.LNil {
		d, err := luabind.ToDuration("timeout", v)
		if err != nil {
			return o, err
		}
		o.timeout = d
	}
	if v, ok := t.RawGetString("retry").(lua.LNumber); ok {
		if v < 0 || v > 100 {
			return o, luabind.UsageError("retry: want 0 to 100, got %s", v.String())
		}
		o.retry = int(v)
	}
	switch v := t.RawGetString("skip").(type) {
	case lua.LString:
		o.skip = string(v)
	case lua.LBool:
		if v {
			o.skip = "skipped in the file"
		} else {
			o.skip = ""
		}
	}
	if err := o.readRule(t); err != nil {
		return o, err
	}
	if v := t.RawGetString("only"); v != lua.LNil {
		o.only = v == lua.LTrue
	}
	switch v := t.RawGetString("on_request").(type) {
	case lua.LString:
		o.onRequest = string(v)
	case lua.LBool:
		o.onRequest = ""
		if v {
			o.onRequest = "runs only on request"
		}
	}
	if v := t.RawGetString("exec"); v != lua.LNil {
		o.exec = v == lua.LTrue
	}
	return o, nil
}

// Load reads a test file: it runs the file with its describe functions, but no test. The
// error is a [*ScriptError] or the cause of the context.
func Load(ctx context.Context, vm *luabind.VM, file string, src []byte) (*Suite, error) {
	ctx, over := vm.Leash(ctx)
	defer over()
	defer vm.Heed(ctx)()
	vm.Lock()
	defer vm.Unlock()
	s := &Suite{File: file, vm: vm}
	s.root = &block{opts: testOptions{retry: -1}}
	s.open = s.root
	s.scope = luabind.NewScope(vm.Root().Context(), vm.Root()) // what the file opens stays open until the suite ends
	luabind.State[*testState](vm).suite = s
	err := vm.Execute(s.scope.In(luabind.WithRecorder(ctx, hookRecorder{})), file, src, nil)
	s.open = nil
	if err != nil {
		vm.Unlock()
		s.scope.End()
		vm.Lock()
		if slow := new(luabind.LuaTimeError); errors.As(context.Cause(ctx), &slow) {
			return nil, slow.At(err)
		}
		return nil, err
	}
	s.each(func(t *test) {
		for b := t.block; b.parent != nil; b = b.parent {
			if b.line > 0 {
				t.Around = append(t.Around, [2]int{b.line, b.endLine})
			}
		}
	})
	return s, nil
}

// Tests returns the tests in the order of the file.
func (s *Suite) Tests() []*testrun.Test {
	var out []*testrun.Test
	s.each(func(t *test) { out = append(out, t.Test) })
	return out
}

// each calls f for the tests in the order of the file.
func (s *Suite) each(f func(t *test)) {
	var walk func(b *block)
	walk = func(b *block) {
		for _, it := range b.items {
			if it.test != nil {
				f(it.test)
			} else {
				walk(it.block)
			}
		}
	}
	walk(s.root)
}

// Shuffle puts the tests of each describe, and the describes, in another order.
func (s *Suite) Shuffle(rng *rand.Rand) {
	var walk func(b *block)
	walk = func(b *block) {
		rng.Shuffle(len(b.items), func(i, j int) { b.items[i], b.items[j] = b.items[j], b.items[i] })
		for _, it := range b.items {
			if it.block != nil {
				walk(it.block)
			}
		}
	}
	walk(s.root)
}

// defining returns the suite whose file is being read.
func defining(c *luabind.Call) (*Suite, error) {
	s := luabind.State[*testState](c.VM).suite
	switch {
	case s == nil:
		e := luabind.UsageError("%s can only be used in a test file", c.Func.Name).(*luabind.ErrorValue)
		e.Hint = "run test files with smtpsh test"
		return nil, e
	case s.open == nil:
		return nil, luabind.UsageError("%s inside a test: define tests next to each other, in describe", c.Func.Name)
	}
	return s, nil
}

// optionsAndFunction reads (name, fn) and (name, opts, fn).
func optionsAndFunction(c *luabind.Call) (*lua.LTable, *lua.LFunction, error) {
	if fn, ok := c.Arg(1).(*lua.LFunction); ok {
		if c.Given(2) {
			return nil, nil, luabind.UsageError("%s: the function must be the last argument, after the options", c.Func.Name)
		}
		return nil, fn, nil
	}
	fn, ok := c.Arg(2).(*lua.LFunction)
	if !ok {
		return nil, nil, luabind.UsageError("%s: missing function: %s(name, function() ... end)", c.Func.Name, c.Func.Name)
	}
	return c.Table(1), fn, nil
}

// maxTests limits the number of tests of one file.
const maxTests = 100000

// body tells whether a test has a function yet.
type body bool

const (
	noBody   body = true
	withBody body = false
)

func define(c *luabind.Call, pending body) error {
	s, err := defining(c)
	if err != nil {
		return err
	}
	var opts *lua.LTable
	var fn *lua.LFunction
	if !pending {
		if opts, fn, err = optionsAndFunction(c); err != nil {
			return err
		}
	}
	o, err := readTestOptions(c.Text(0), opts, s.open.opts)
	if err != nil {
		return err
	}
	if s.tests++; s.tests > maxTests {
		return luabind.UsageError("it: more than %d tests in one file", maxTests)
	}
	t := &testrun.Test{
		Name: o.named(c.Text(0)), Level: o.level, Clause: o.clause, Tags: o.tags, Inherited: len(s.open.opts.tags),
		Timeout: o.timeout, Retry: o.retry, Skip: o.skip, Only: o.only, OnRequest: o.onRequest, Pending: pending == noBody, File: s.File,
	}
	for b := s.open; b.parent != nil; b = b.parent {
		t.Path = append([]string{b.name}, t.Path...)
	}
	t.Line = lineIn(c, s.File)
	t.EndLine = endOf(fn, s.File, t.Line)
	s.open.items = append(s.open.items, item{test: &test{Test: t, exec: o.exec, fn: fn, block: s.open}})
	return nil
}

// lineIn returns the line of a file from which this call comes, or 0.
func lineIn(c *luabind.Call, file string) int {
	var e luabind.ErrorValue
	c.VM.Place(c.L, &e)
	for _, f := range e.Frames {
		if f.File == file {
			return f.Line
		}
	}
	return 0
}

// endOf returns where a function ends that begins at a line of a file; the line itself if
// the function was written elsewhere.
func endOf(fn *lua.LFunction, file string, line int) int {
	if fn == nil || fn.Proto == nil || fn.Proto.SourceName != file || fn.Proto.LineDefined < line {
		return line
	}
	return fn.Proto.LastLineDefined
}

func describe(c *luabind.Call) error {
	s, err := defining(c)
	if err != nil {
		return err
	}
	opts, fn, err := optionsAndFunction(c)
	if err != nil {
		return err
	}
	o, err := readTestOptions(c.Text(0), opts, s.open.opts)
	if err != nil {
		return err
	}
	b := &block{name: c.Text(0), parent: s.open, opts: o, line: lineIn(c, s.File)}
	b.endLine = endOf(fn, s.File, b.line)
	s.open.items = append(s.open.items, item{block: b})
	s.open = b
	defer func() { s.open = b.parent }()
	return c.L.CallByParam(lua.P{Fn: fn, NRet: 0, Protect: true})
}

// hook returns the function for before_each and the other hooks.
func hook(name, when, example string, list func(b *block) *[]*lua.LFunction) luabind.Func {
	return luabind.Func{
		Name: name, Params: []luabind.Param{{Name: "fn", Type: "fun()", Doc: "The function."}},
		Doc:     fmt.Sprintf("In a describe or test file: calls the function %s.", when),
		Example: example,
		Call: func(c *luabind.Call) error {
			s, err := defining(c)
			if err != nil {
				return err
			}
			l := list(s.open)
			*l = append(*l, c.Arg(0).(*lua.LFunction))
			return nil
		},
	}
}

const testFile = "-- in a test file\n"

var suiteFuncs = []luabind.Func{
	{
		Name: "describe",
		Params: []luabind.Param{
			{Name: "name", Type: "string", Doc: "The subject of the tests."},
			{Name: "opts", Type: testOpts.Name + "|fun()", Doc: "Options, or the function itself."},
			{Name: "fn", Type: "fun()", Optional: true, Doc: "Function that defines the tests."},
		},
		Doc:     "In a test file: groups tests, which can share hooks and options.",
		Example: testFile + "describe(\"the server\", function()\n  it(\"is alive\", function() smtp.open():noop():expect(250) end)\nend)",
		Call:    describe,
	},
	{
		Name: "it",
		Params: []luabind.Param{
			{Name: "name", Type: "string", Doc: "The rule that the test checks."},
			{Name: "opts", Type: testOpts.Name + "|fun()", Doc: "Options, or the function itself."},
			{Name: "fn", Type: "fun()", Optional: true, Doc: "The test."},
		},
		Doc: "In a test file: defines a test. It fails if the function raises an error or an expectation fails, even if pcall " +
			"catches that. Sessions, servers and programs that it opens are closed at its end.",
		Example: testFile + "it(\"greets\", {tags = \"smoke\", timeout = \"10s\"}, function()\n  smtp.connect().greeting:expect(220)\nend)",
		Call:    func(c *luabind.Call) error { return define(c, withBody) },
	},
	{
		Name: "pending", Params: []luabind.Param{{Name: "name", Type: "string", Doc: "The rule to test later."}},
		Doc: "In a test file: declares a test that is not written yet. It is reported and does not fail.",
		Example: testFile + "pending(\"refuses mail from its own domain without login\")\nit(\"greets\", function() " +
			"smtp.connect().greeting:expect(220) end)",
		Call: func(c *luabind.Call) error { return define(c, noBody) },
	},
	hook("before_all", "once before the first test",
		testFile+"local s\nbefore_all(function() s = smtp.open() end)\nit(\"is alive\", function() s:noop():expect(250) end)",
		func(b *block) *[]*lua.LFunction { return &b.beforeAll }),
	hook("after_all", "once after the last test, also after failures",
		testFile+"after_all(function() print(\"done\") end)\nit(\"greets\", function() smtp.connect().greeting:expect(220) end)",
		func(b *block) *[]*lua.LFunction { return &b.afterAll }),
	hook("before_each", "before each test",
		testFile+"local s\nbefore_each(function() s = smtp.open() end)\nit(\"is alive\", function() s:noop():expect(250) end)",
		func(b *block) *[]*lua.LFunction { return &b.beforeEach }),
	hook("after_each", "after each test, also after a failure or timeout",
		testFile+"local s\nafter_each(function() s:quit() end)\nit(\"is alive\", function() s = smtp.open(); s:noop():expect(250) end)",
		func(b *block) *[]*lua.LFunction { return &b.afterEach }),
}
