package testmod

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/internal/luapat"
	"smtpsh/luabind"
	"smtpsh/luabind/smtpmod"
)

// Value is the subject of expect and check.
type Value struct {
	v    lua.LValue
	what string
	soft bool
}

var valueClass = luabind.Class{
	Name: "expect.Value", Type: reflect.TypeFor[*Value](),
	Doc: "A value to check. Each condition returns it again, so that conditions can be chained."}

// condition makes a method of expect.Value. test returns what was expected; got is the
// value unless test returns another text.
func condition(name, doc, example string, params []luabind.Param,
	test func(c *luabind.Call, v lua.LValue) (ok bool, want, got string, err error)) luabind.Func {
	return luabind.Func{
		Name: name, On: "expect.Value", Params: params, Returns: "expect.Value", Doc: doc, Example: example,
		Call: func(c *luabind.Call) error {
			x := c.Self.(*Value)
			ok, want, got, err := test(c, x.v)
			if err != nil {
				return err
			}
			if !ok && !c.VM.Options().DryRun {
				if got == "" {
					got = luabind.Show(x.v)
				}
				if err := unmet(c, x, want, got); err != nil {
					return err
				}
			}
			c.Push(c.L.Get(1))
			return nil
		},
	}
}

// unmet fails an expectation: at once, or for a check at the end of the test.
func unmet(c *luabind.Call, x *Value, want, got string) error {
	e := &luabind.ErrorValue{Kind: "expect", Op: "expect", What: x.what, Want: want, Got: got, Expect: true}
	e.Message = "want " + want + ", got " + got
	if x.what != "" {
		e.Message = x.what + ": " + e.Message
	}
	if r, ok := luabind.ValueOf[smtpmod.Reply](x.v); ok {
		d := smtpmod.Details(e)
		d.Reply, d.Session = r.Reply, r.Session
	}
	e.Soft = x.soft
	c.Record(e)
	if !x.soft {
		return e
	}
	s := c.Scope()
	switch c.Recorder().(type) {
	case nil: // a script, which ends with this failure
		for s.Parent() != nil && s.Parent() != c.VM.Root() { // also out of a task, whose errors end only the task
			s = s.Parent()
		}
		s.Fail(c.VM.UnmetError(e))
	case hookRecorder:
		s.Fail(c.VM.UnmetError(e))
	}
	return nil
}

func oneParam(typ, doc string) []luabind.Param {
	return []luabind.Param{{Name: "wanted", Type: typ, Large: typ == "any", Doc: doc}}
}

// compare makes a condition on numbers.
func compare(name, words, doc, example string, ok func(v, wanted float64) bool) luabind.Func {
	return condition(name, doc, example, oneParam("number", "The limit."), func(c *luabind.Call, v lua.LValue) (bool, string, string, error) {
		wanted := c.Arg(0).(lua.LNumber)
		want := words + " " + luabind.Show(wanted)
		n, isNumber := v.(lua.LNumber)
		return isNumber && ok(float64(n), float64(wanted)), want, "", nil
	})
}

var valueFuncs = []luabind.Func{
	condition("equals", "Checks that the value is equal. Tables are compared by content. 250 and \"250\" are different.",
		`expect(s:noop().code, "reply to NOOP"):equals(250)`,
		oneParam("any", "The expected value."), func(c *luabind.Call, v lua.LValue) (bool, string, string, error) {
			w := c.Arg(0)
			x := &comparer{m: c.Meter()}
			if x.same(v, w) || x.err() != nil {
				return true, "", "", x.err()
			}
			a, isText := v.(lua.LString)
			if b, ok := w.(lua.LString); ok && isText {
				want, got := luabind.ShowDifference(string(b), string(a))
				return false, want, got, nil
			}
			return false, luabind.Show(w), luabind.Show(v), nil
		}),
	condition("differs", "Checks that the value is different.", `expect(s:noop().code):differs(421)`, oneParam("any", "The value "+
		"that it must not have."),
		func(c *luabind.Call, v lua.LValue) (bool, string, string, error) {
			x := &comparer{m: c.Meter()}
			ok := !x.same(v, c.Arg(0))
			return ok, "anything but " + luabind.Show(c.Arg(0)), "", x.err()
		}),
	compare("at_least", "at least", "Checks that a number is at least the limit.",
		`s:ehlo(); s:starttls(); expect(s.tls.version, "TLS version"):at_least(1.2)`, func(v, w float64) bool { return v >= w }),
	compare("at_most", "at most", "Checks that a number is at most the limit.", `expect(#s.greeting.lines):at_most(1)`,
		func(v, w float64) bool { return v <= w }),
	compare("less_than", "less than", "Checks that a number is less than the limit.", `expect(s:noop().took, "seconds"):less_than(5)`,
		func(v, w float64) bool { return v < w }),
	compare("more_than", "more than", "Checks that a number is more than the "+
		"limit.", `s:ehlo(); expect(tonumber(s:has("SIZE")), "SIZE"):more_than(1000000)`,
		func(v, w float64) bool { return v > w }),
	condition("matches", "Checks that a string matches a Lua pattern anywhere.", `expect(s.greeting.text):matches("^%S+ ESMTP")`,
		oneParam("string", "The pattern."), func(c *luabind.Call, v lua.LValue) (bool, string, string, error) {
			s, ok := textOf(v)
			if !ok {
				return false, "a text matching " + luabind.Show(c.Arg(0)), "", nil
			}
			caps, err := luapat.Find(s, c.Text(0), 0, c.Context().Err)
			if err != nil {
				return false, "", "", luabind.UsageError("matches: pattern %q: %v", c.Text(0), err)
			}
			return caps != nil, "a text matching " + luabind.Show(c.Arg(0)), "", nil
		}),
	condition("contains", "Checks that a string contains a text, or a list an element.",
		`expect(s:ehlo().lines):contains("PIPELINING")`, oneParam("any", "The text or element."),
		func(c *luabind.Call, v lua.LValue) (bool, string, string, error) {
			want := "a text that contains " + luabind.Show(c.Arg(0))
			if _, isList := v.(*lua.LTable); isList {
				want = "a list that contains " + luabind.Show(c.Arg(0))
			}
			part, isText := textOf(c.Arg(0))
			if _, isList := v.(*lua.LTable); !isList && !isText {
				return false, "", "", luabind.UsageError("contains: a string is needed to search a string, got %s", luabind.TypeName(c.Arg(0)))
			}
			if t, ok := v.(*lua.LTable); ok {
				m := c.Meter()
				for i := 1; i <= t.Len(); i++ {
					x := &comparer{m: m}
					if x.same(t.RawGetInt(i), c.Arg(0)) || x.err() != nil {
						return true, "", "", x.err()
					}
				}
				return false, want, "", nil
			}
			s, ok := textOf(v)
			return ok && strings.Contains(s, part), want, "", nil
		}),
	condition("is", "Checks a reply, as reply:is does.", `check(s:noop(), "still there"):is("2xx")`,
		oneParam(smtpmod.WantType, "The expected reply."), func(c *luabind.Call, v lua.LValue) (bool, string, string, error) {
			r, ok := luabind.ValueOf[smtpmod.Reply](v)
			if !ok {
				return false, "a reply", "", nil
			}
			w, err := smtpmod.WantArg(c, 0)
			if err != nil {
				return false, "", "", err
			}
			ok, err = w.Match(c, r.Reply)
			return ok, w.String(), "", err
		}),
	{
		Name: "raises", On: "expect.Value", Returns: "smtp.Error",
		Params:  []luabind.Param{{Name: "kind", Type: "string", Optional: true, Doc: "The kind of error: timeout, closed, tls ..."}},
		Doc:     "Calls the function and checks that it raises an error, optionally of a kind. Returns the error.",
		Example: `expect(function() s:read_reply("10ms") end, "second greeting"):raises("timeout")`,
		Call:    raises,
	},
}

func raises(c *luabind.Call) error {
	x := c.Self.(*Value)
	fn, ok := x.v.(*lua.LFunction)
	if !ok {
		return luabind.UsageError("raises: expect needs a function: expect(function() ... end):raises(...)")
	}
	want := "an error"
	if c.Given(0) {
		want = "an error of kind " + c.Text(0)
	}
	tried, err := tryCall(c, fn, 0)
	for _, f := range tried {
		if f.Soft || err == nil || c.VM.ScriptError(err).Value != f {
			c.Record(f) // only the expected error is no failure
		}
	}
	if err == nil {
		if uerr := unmet(c, x, want, "none"); uerr != nil {
			return uerr
		}
		c.Push(lua.LNil)
		return nil
	}
	if cerr := c.Context().Err(); cerr != nil {
		return err
	}
	var api *lua.ApiError
	if !errors.As(err, &api) {
		return err
	}
	kind, text := "", api.Object.String()
	if ud, ok := api.Object.(*lua.LUserData); ok {
		if v, ok := ud.Value.(*luabind.ErrorValue); ok {
			kind, text = v.Kind, v.Message
			if v.Skip || v.Untried {
				return err
			}
		}
	}
	if c.Given(0) && kind != c.Text(0) {
		got := "a plain error"
		if kind != "" {
			got = "kind " + kind
		}
		if uerr := unmet(c, x, want, got+": "+text); uerr != nil {
			return uerr
		}
	}
	c.Push(api.Object)
	return nil
}

// severity tells whether a test continues after a failed expectation.
type severity bool

const (
	soft severity = true
	hard severity = false
)

// expectValue makes expect and check.
func expectValue(name, doc, example string, how severity) luabind.Func {
	return luabind.Func{
		Name: name,
		Params: []luabind.Param{
			{Name: "v", Type: "any", Optional: true, Large: true, Doc: "The value."},
			{Name: "what", Type: "string", Optional: true, Doc: "A name for the value in failures."},
		},
		Returns: "expect.Value",
		Doc:     doc, Example: example,
		Call: func(c *luabind.Call) error {
			c.Push(c.Object(&Value{c.Arg(0), c.Text(1), how == soft}))
			return nil
		},
	}
}

var eventuallyOpts = luabind.Class{
	Name: "smtp.EventuallyOpts", Doc: "Time limit and pause of eventually.",
	Keys: []luabind.Param{
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit (default: 10 seconds)."},
		{Name: "every", Type: "number|string", Optional: true, Doc: "Pause between attempts (default: 0.2 seconds)."},
	},
}

func eventually(c *luabind.Call) error {
	timeout, every := 10*time.Second, 200*time.Millisecond
	fn, _ := c.Arg(0).(*lua.LFunction)
	if t := c.Table(0); t != nil {
		for key, d := range map[string]*time.Duration{"timeout": &timeout, "every": &every} {
			if v := t.RawGetString(key); v != lua.LNil {
				n, err := luabind.ToDuration(key, v)
				if err != nil {
					return err
				}
				*d = n
			}
		}
		fn, _ = c.Arg(1).(*lua.LFunction)
	}
	if fn == nil {
		return luabind.UsageError("eventually: missing function: eventually({timeout = \"30s\"}, function() ... end)")
	}
	ctx, cancel := context.WithTimeout(c.Context(), timeout)
	defer cancel()
	last := "the function returned nothing"
	for n := 1; ; n++ {
		tried, err := tryCall(c, fn, 1)
		if cerr := c.Context().Err(); cerr != nil {
			return err
		}
		if err == nil {
			v := c.L.Get(-1)
			if len(tried) > 0 {
				last = tried[0].Message
			}
			if lua.LVAsBool(v) && len(tried) == 0 {
				c.L.Pop(1)
				c.Push(v)
				return nil
			}
			c.L.Pop(1)
		} else {
			e := c.VM.ScriptError(err)
			if e.Value != nil && (e.Value.Skip || e.Value.Untried || e.Value.Kind == "usage") || e.Value == nil {
				return err // waiting does not correct a mistake
			}
			last = e.Message
		}
		if ctx.Err() != nil {
			e := &luabind.ErrorValue{Kind: "expect", Op: "eventually", Want: "success within " + timeout.String(), Got: last, Expect: true}
			e.Message = "eventually: no result within " + timeout.String() + ": " + last
			c.Record(e)
			return e
		}
		c.Wait(func() {
			t := time.NewTimer(every)
			defer t.Stop()
			select {
			case <-t.C:
			case <-ctx.Done():
			}
		})
	}
}

var expectFuncs = []luabind.Func{
	expectValue("expect",
		"Begins an expectation: expect(value, what):equals(...). If it fails, the test ends as failed; in a script, smtpsh exits with status 1.",
		`expect(s.greeting.code, "greeting"):equals(220)`, hard),
	expectValue("check", "Like expect, but the test continues after a failure.",
		`check(s.greeting.code):equals(220); check(s.greeting.text):contains("ESMTP")`, soft),
	{
		Name: "eventually",
		Params: []luabind.Param{
			{Name: "opts", Type: eventuallyOpts.Name + "|fun()", Doc: "Options, or the function itself."},
			{Name: "fn", Type: "fun()", Optional: true, Doc: "Called until it returns a value other than false or nil."},
		},
		Returns: "any",
		Doc: "Calls the function repeatedly until it returns a value, and returns the value. A failed expectation or a " +
			"session error means: try again.",
		Example: `local n = 0; eventually({timeout = "5s", every = "1ms"}, function() n = n + 1; return n == 3 end)`,
		Call:    eventually,
	},
	{
		Name: "defer", Params: []luabind.Param{{Name: "fn", Type: "fun()", Doc: "The function."}},
		Doc:     "Calls the function at the end of the test, task or script, also after a failure. The last one is called first.",
		Example: `defer(function() s:quit() end)`,
		Call:    luabind.Deferred,
	},
	{
		Name: "skip", Params: []luabind.Param{{Name: "reason", Type: "string", Doc: "Why."}},
		Doc: "Ends the test as skipped, for servers that lack what it needs.",
		Example: testFile + "it(\"limits the size\", function()\n  local s = smtp.open()\n  local limit = tonumber(s:has(\"SIZE\")) or " +
			"skip(\"no SIZE\")\n  s:mail(\"a@example.net\", {SIZE = limit + 1}):expect(552)\nend)",
		Call: skipError,
	},
	untriedFunc,
}

// textOf returns the text of a string, a number, a reply, or a secret.
func textOf(v lua.LValue) (string, bool) {
	if r, ok := luabind.ValueOf[smtpmod.Reply](v); ok {
		return r.String(), true
	}
	return luabind.SecretText(v)
}
