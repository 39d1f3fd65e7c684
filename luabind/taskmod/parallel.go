package taskmod

import (
	"context"
	"math"
	"reflect"
	"sort"
	"sync"
	"time"

	"smtpsh/luabind"

	lua "github.com/yuin/gopher-lua"
)

// Results is the result of smtp.parallel.
type Results struct {
	OK, Failed int
	values     *lua.LTable
	errors     *lua.LTable
	kinds      map[string]int
	took       *Hist
	elapsed    time.Duration
}

// Hist is a collection of measured values, in seconds.
type Hist struct {
	sorted bool
	values []float64
	sum    float64
}

func (h *Hist) add(v float64) {
	h.values = append(h.values, v)
	h.sum += v
	h.sorted = false
}

// Quantile returns the value below which the share p (0 to 100) of the values is; 0 without
// values.
func (h *Hist) Quantile(p float64) float64 {
	if len(h.values) == 0 {
		return 0
	}
	if !h.sorted {
		sort.Float64s(h.values)
		h.sorted = true
	}
	i := int(math.Ceil(p/100*float64(len(h.values)))) - 1
	return h.values[max(0, min(i, len(h.values)-1))]
}

func resultsField(name, typ, doc string, get func(c *luabind.Call, r *Results) lua.LValue) luabind.Field {
	return luabind.Field{Name: name, Type: typ, Doc: doc, Get: func(c *luabind.Call, v any) lua.LValue { return get(c, v.(*Results)) }}
}

var resultsClass = luabind.Class{
	Name: "smtp.Results", Type: reflect.TypeFor[*Results](),
	Example: `local x = smtp.parallel(1, function() return 1 end)`, Doc: "The results of smtp.parallel.",
	Fields: []luabind.Field{
		resultsField("ok", "integer", "How many tasks ended well.", func(_ *luabind.Call, r *Results) lua.LValue { return lua.LNumber(r.OK) }),
		resultsField("failed", "integer", "How many raised an error.",
			func(_ *luabind.Call, r *Results) lua.LValue { return lua.LNumber(r.Failed) }),
		resultsField("values", "table<integer, any>", "What each task returned, by its number.",
			func(_ *luabind.Call, r *Results) lua.LValue { return r.values }),
		resultsField("errors", "table<integer, smtp.Error>", "What each failed task raised, by its number.",
			func(_ *luabind.Call, r *Results) lua.LValue { return r.errors }),
		resultsField("by_kind", "table<string, integer>", "How many errors there are of each kind.",
			func(c *luabind.Call, r *Results) lua.LValue {
				t := c.L.NewTable()
				for k, n := range r.kinds {
					t.RawSetString(k, lua.LNumber(n))
				}
				return t
			}),
		resultsField("took", "smtp.Hist",
			"The latencies: the numbers that tasks returned, or for those that returned none the seconds that they ran.",
			func(c *luabind.Call, r *Results) lua.LValue { return c.Object(r.took) }),
		resultsField("elapsed", "number", "Seconds from the first task's begin to the last one's end.",
			func(_ *luabind.Call, r *Results) lua.LValue { return lua.LNumber(r.elapsed.Seconds()) }),
	},
}

func histField(name, doc string, get func(h *Hist) float64) luabind.Field {
	return luabind.Field{
		Name: name, Type: "number", Doc: doc,
		Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LNumber(get(v.(*Hist))) },
	}
}

var histClass = luabind.Class{
	Name: "smtp.Hist", Type: reflect.TypeFor[*Hist](),
	Example: `local x = smtp.parallel(1, function() return 1 end).took`, Doc: "Measured values.",
	Fields: []luabind.Field{
		{
			Name: "count", Type: "integer", Doc: "The number of values.",
			Get: func(_ *luabind.Call, v any) lua.LValue { return lua.LNumber(len(v.(*Hist).values)) },
		},
		histField("max", "The largest.", func(h *Hist) float64 { return h.Quantile(100) }),
		histField("min", "The smallest.", func(h *Hist) float64 { return h.Quantile(0) }),
		histField("mean", "The mean.", func(h *Hist) float64 { return h.sum / math.Max(1, float64(len(h.values))) }),
	},
}

var histFuncs = []luabind.Func{{
	Name: "p", On: "smtp.Hist", Params: []luabind.Param{{Name: "percent", Type: "number", Doc: "0 to 100."}}, Returns: "number",
	Doc:     "Returns a percentile: p(95) is the value that 95 % of the values do not exceed.",
	Example: `local r = smtp.parallel(5, function() local s = smtp.open(); return s:noop().took end); print(r.took:p(95))`,
	Call: func(c *luabind.Call) error {
		p := float64(c.Arg(0).(lua.LNumber))
		if !(p >= 0 && p <= 100) {
			return luabind.UsageError("p: want 0 to 100, got %v", p)
		}
		c.Push(lua.LNumber(c.Self.(*Hist).Quantile(p)))
		return nil
	},
}}

var parallelOpts = luabind.Class{
	Name: "smtp.ParallelOpts", Doc: "Options of parallel.",
	Keys: []luabind.Param{{Name: "limit", Type: "integer", Optional: true, Doc: "The number of tasks that run at once, up to 10 " +
		"000 (default: 50)."}},
}

// maxTasks limits the tasks of one call, and maxAtOnce those that run at once: each has a
// thread and a stack.
const (
	maxTasks  = 1_000_000
	maxAtOnce = 10_000
)

var parallelFuncs = []luabind.Func{
	{
		Name: "parallel", On: "smtp", Returns: "smtp.Results",
		Params: []luabind.Param{
			{Name: "n", Type: "integer", Doc: "The number of tasks."},
			{Name: "fn", Type: "fun(i: integer): any", Doc: "The function of each task; it gets the number of the task."},
			{Name: "opts", Type: parallelOpts.Name, Optional: true, Doc: "Options."},
		},
		Doc: "Runs a function many times at once. Waits for the network overlap, while Lua itself runs one task at a time, so " +
			"that tasks can share variables. An error ends only its task. But a reply that answers no command and is found at the " +
			"end of a task also fails the script or test.",
		Example: `local r = smtp.parallel(10, function(i) local s = smtp.open(); s:quit() end, {limit = 5}); expect(r.failed):equals(0); ` +
			`print(r.took:p(50))`,
		Call: parallel,
	},
	{
		Name: "spawn", On: "smtp", Params: []luabind.Param{{Name: "fn", Type: "fun(): any", Doc: "The task."}}, Returns: "smtp.Task",
		Doc: "Starts a function as a concurrent task, for example to run client and server in one script. An error fails the " +
			"script or test unless the script waits for the task.",
		Example: `local t = smtp.spawn(function() return smtp.open():noop().code end); expect(t:wait("10s")):equals(250)`,
		Call: func(c *luabind.Call) error {
			t := &Task{done: make(chan struct{})}
			fn := c.Arg(0).(*lua.LFunction)
			scope := c.Scope()
			c.VM.Spawn(scope, func(th *lua.LState) {
				defer close(t.done)
				if th == nil {
					t.err = &luabind.ErrorValue{Kind: "canceled", Op: "spawn", Message: "the task was not begun: its script or test is over"}
					return
				}
				if t.err = c.VM.Call(th, fn, 1); t.err == nil {
					t.value = th.Get(-1)
				} else if scope.Context().Err() == nil {
					scope.Fail(&taskError{c.VM.ScriptError(t.err), t})
				}
			})
			c.Push(c.Object(t))
			return nil
		},
	},
}

// Task is a function that runs concurrently with the script.
type Task struct {
	done   chan struct{}
	value  lua.LValue
	err    error
	waited bool
}

// taskError is an error that counts unless the script has waited for its task.
type taskError struct {
	*luabind.ScriptError
	task *Task
}

// Waited reports whether the script has waited for the task, and so has received the error.
func (e *taskError) Waited() bool { return e.task.waited }

// Unwrap returns the error.
func (e *taskError) Unwrap() error { return e.ScriptError }

var taskClass = luabind.Class{
	Name: "smtp.Task", Type: reflect.TypeFor[*Task](),
	Doc: "A function that runs concurrently with the script."}

var taskFuncs = []luabind.Func{{
	Name: "wait", On: "smtp.Task",
	Params: []luabind.Param{
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit (default: that of the script)."},
	},
	Returns: "any",
	Doc:     "Waits for the end of the task and returns its results, or raises its error.",
	Example: `print(smtp.spawn(function() return 42 end):wait())`,
	Call: func(c *luabind.Call) error {
		d, err := c.Duration(0)
		if err != nil {
			return err
		}
		t := c.Self.(*Task)
		ctx := c.Context()
		if d > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, d)
			defer cancel()
		}
		ended := false
		c.Wait(func() {
			select {
			case <-t.done:
				ended = true
			case <-ctx.Done():
			}
		})
		switch {
		case !ended:
			return &luabind.ErrorValue{Kind: "timeout", Op: "wait", Message: "wait: the task has not ended"}
		case t.err != nil:
			t.waited = true
			return t.err
		}
		c.Push(t.value)
		return nil
	},
}}

func parallel(c *luabind.Call) error {
	n, limit := int(c.Arg(0).(lua.LNumber)), 50
	fn := c.Arg(1).(*lua.LFunction)
	if t := c.Table(2); t != nil {
		if v, ok := t.RawGetString("limit").(lua.LNumber); ok {
			limit = int(v)
		}
	}
	//mutant:tasks-at-once-are-bounded is "|| limit > maxAtOnce " ""
	if n < 1 || n > maxTasks || limit < 1 || limit > maxAtOnce {
		return luabind.UsageError("smtp.parallel: want 1 to %d tasks and a limit of 1 to %d, got %d and %d", maxTasks, maxAtOnce, n, limit)
	}
	res := &Results{values: c.L.NewTable(), errors: c.L.NewTable(), kinds: map[string]int{}, took: &Hist{}}
	begun := time.Now()
	var workers sync.WaitGroup
	next, ctx, outer := 0, c.Context(), c.Scope()
	for range min(n, limit) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			c.VM.Lock()
			defer c.VM.Unlock()
			for next < n && ctx.Err() == nil {
				next++
				task(ctx, c.VM, outer, fn, next, res)
			}
		}()
	}
	c.Wait(workers.Wait)
	res.elapsed = time.Since(begun)
	if ctx.Err() != nil {
		return &luabind.ErrorValue{Kind: "canceled", Op: "parallel", Message: "smtp.parallel: canceled"}
	}
	c.Push(c.Object(res))
	return nil
}

// task runs one task in its own scope. The lock must be held.
func task(ctx context.Context, vm *luabind.VM, outer *luabind.Scope, fn *lua.LFunction, i int, res *Results) {
	ctx, over := luabind.BeginTask(ctx)
	defer over()
	scope := luabind.NewScope(ctx, outer)
	th := vm.Thread(scope.Context())
	begun := time.Now()
	err := vm.Call(th, fn, 1, lua.LNumber(i))
	took := time.Since(begun).Seconds()
	var value lua.LValue = lua.LNil
	if err == nil {
		value = th.Get(-1)
		th.Pop(1)
	}
	err = vm.Conclude(scope, err)
	if scope.Left() != nil { // no function of the script could receive it
		outer.FailLate(scope.Left())
	}
	if err != nil {
		e := vm.ScriptError(err)
		v := e.Value
		if v == nil {
			v = &luabind.ErrorValue{Kind: "usage", Message: e.Message, Frames: e.Frames, Where: placeOf(e)}
		}
		res.Failed++
		res.kinds[v.Kind]++
		res.errors.RawSetInt(i, vm.Object(vm.L, v))
		return
	}
	res.OK++
	if value != lua.LNil {
		res.values.RawSetInt(i, value)
	}
	if n, ok := value.(lua.LNumber); ok {
		took = float64(n)
	}
	res.took.add(took)
}

func placeOf(e *luabind.ScriptError) string {
	if e.Line == 0 {
		return ""
	}
	return (&luabind.ScriptError{Name: e.Name, Line: e.Line}).Error()
}
