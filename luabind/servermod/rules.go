package servermod

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/reply"
	"smtpsh/internal/sandbox"
	"smtpsh/internal/suggest"
	"smtpsh/luabind"
)

// RuleOpts are the options that decide when a rule applies.
var RuleOpts = luabind.Class{
	Name: "smtp.Rule", Doc: "When a rule of a server applies.",
	Keys: []luabind.Param{
		{Name: "nth", Type: "integer", Optional: true, Doc: "Only the nth time, counted from 1."},
		{Name: "times", Type: "integer", Optional: true, Doc: "At most this number of times."},
		{
			Name: "match", Type: "string", Optional: true,
			Doc: "Only if this plain text is in the argument, in any case; for MESSAGE, in the recipients.",
		},
		{Name: "session", Type: "integer", Optional: true, Doc: "Only in the connection with this number."},
		{Name: "service", Type: "string", Optional: true, Doc: "Only for this service of the profile."},
		{
			Name: "per", Type: `"server"|"session"|"argument"`, Optional: true,
			Doc: "What nth and times count: argument counts each address separately, for greylisting (default: the whole server).",
		},
	},
}

// ActionOpts are the actions of a rule.
var ActionOpts = luabind.Class{
	Name: "smtp.Action", Doc: "The action of a rule. The keys take effect in this order.",
	Keys: []luabind.Param{
		{Name: "delay", Type: "number|string", Optional: true, Doc: "A pause before everything else."},
		{Name: "drop", Type: `"before"|"half"|"after"`, Optional: true, Doc: "Close the connection: before the reply, in the " +
			"middle of it, or after it."},
		{Name: "reset", Type: "boolean", Optional: true, Doc: "true closes the connection with a TCP reset."},
		{
			Name: "reply", Type: "integer|string|table", Optional: true,
			Doc: "The reply: 451, \"451 4.7.1 later\" or {451, \"4.7.1 later\", \"second line\"}.",
		},
		{Name: "raw", Type: "string", Optional: true, Large: true, Doc: "Exact bytes instead of a reply."},
		{Name: "with", Type: "string|string[]", Optional: true, Doc: "Lines that EHLO offers in addition."},
		{Name: "without", Type: "string|string[]", Optional: true, Doc: "Keywords that it does not offer."},
		{Name: "drip", Type: "number|string", Optional: true, Doc: "The pause between the bytes of the reply."},
		{Name: "stall", Type: "number|string", Optional: true, Doc: "Time in which nothing is read afterwards (backpressure)."},
		{Name: "cert", Type: "string", Optional: true, Doc: "With TLS: the certificate, as for smtp.listen."},
		{Name: "cut_tls", Type: "boolean", Optional: true, Doc: "With TLS: close the connection in the handshake."},
		{
			Name: "sequence", Type: "any[]", Optional: true,
			Doc: "The actions of the first time, the second, and so on; the last one is repeated. For faults of the handshake use TLS.",
		},
	},
}

func addRule(c *luabind.Call) error {
	box, err := boxed(c)
	if err != nil {
		return err
	}
	if !c.Self.(*Server).owned {
		e := luabind.UsageError("on: the built-in server is shared by all tests and takes no rules").(*luabind.ErrorValue)
		e.Hint = "start one of your own: smtp.listen(nil, {profile = \"plain\"})"
		return e
	}
	r := sandbox.Rule{On: c.Text(0)}
	action := c.Arg(1)
	if c.Given(2) {
		action = c.Arg(2)
		t, ok := c.Arg(1).(*lua.LTable)
		if !ok {
			return luabind.UsageError("on: the second argument says when, as in {nth = 2}; got %s", luabind.TypeName(c.Arg(1)))
		}
		if err := c.VM.Library().CheckKeys("on", RuleOpts.Name, t); err != nil {
			return err
		}
		num := func(key string) int { return int(lua.LVAsNumber(t.RawGetString(key))) }
		r.Nth, r.Times, r.Session = num("nth"), num("times"), num("session")
		r.Match, r.Service, r.Per = lua.LVAsString(t.RawGetString("match")), lua.LVAsString(t.RawGetString("service")),
			lua.LVAsString(t.RawGetString("per"))
	}
	if fn, ok := action.(*lua.LFunction); ok {
		r.Decide = decider(c.VM, c.Scope(), fn)
	} else if r.Sequence, err = readActions(c.VM, action); err != nil {
		return err
	}
	if err := box.On(r); err != nil {
		return RuleError("on", err)
	}
	return nil
}

// RuleError names the intended verb if it was misspelled.
func RuleError(where string, err error) error {
	var unknown *sandbox.UnknownVerbError
	if errors.As(err, &unknown) {
		if near := suggest.Name(strings.ToUpper(unknown.Verb), sandbox.Occasions()); near != "" {
			return luabind.UsageError("%s: there is no verb %s; did you mean %s?", where, unknown.Verb, near)
		}
	}
	e := luabind.UsageError("%s: %v", where, err).(*luabind.ErrorValue)
	e.Elsewhere = errors.As(err, new(*sandbox.NoServiceError))
	return e
}

// maxRuleTime limits the time that the function of a rule runs without waiting: the other
// clients of the server and the rest of the script wait for it.
const maxRuleTime = 2 * time.Second

// ruleTime returns the limit of a rule's function; limit is that of all Lua.
func ruleTime(limit time.Duration) time.Duration {
	if limit > 0 {
		return min(limit, maxRuleTime) //mutant:a-rule-has-little-time is "min(limit, maxRuleTime)" "limit"
	}
	return maxRuleTime
}

type ruleKey struct{}

// inRule reports whether ctx is that of a rule's function: the server waits for it.
func inRule(ctx context.Context) bool { return ctx.Value(ruleKey{}) != nil }

// decider calls a Lua function for a connection of the server.
func decider(vm *luabind.VM, scope *luabind.Scope, fn *lua.LFunction) func(cmd sandbox.Command) *sandbox.Action {
	return func(cmd sandbox.Command) *sandbox.Action {
		vm.Lock()
		defer vm.Unlock()
		if scope.Context().Err() != nil {
			return nil
		}
		limit := ruleTime(vm.LuaTime())
		ctx, over := vm.LeashFor(scope.Context(), limit, limit)
		defer over()
		//mutant:a-rule-has-a-limit-of-memory is "vm.Options().Limits.Memory, vm.Options().Limits.Beyond" "0, nil"
		ctx, freed := luabind.WatchMemory(ctx, vm.Options().Limits.Memory, vm.Options().Limits.Beyond)
		defer freed()
		ctx = context.WithValue(ctx, ruleKey{}, true)
		th := vm.Thread(ctx)
		err := vm.Call(th, fn, 1, vm.Object(th, &cmd))
		if slow := new(luabind.LuaTimeError); err != nil && errors.As(context.Cause(ctx), &slow) {
			err = slow.At(vm.ScriptError(err))
		}
		if full := new(luabind.MemoryError); err != nil && errors.As(context.Cause(ctx), &full) {
			err = full
		}
		var actions []sandbox.Action
		if err == nil {
			v := th.Get(-1)
			if v == lua.LNil || v == lua.LFalse {
				return nil
			}
			if actions, err = readActions(vm, v); err == nil && len(actions) > 0 {
				r := sandbox.Rule{On: "*", Sequence: actions[:1]}
				if err = r.Check(); err == nil {
					return &actions[0]
				}
			}
		}
		if scope.Context().Err() == nil {
			if errors.As(err, new(*luabind.LuaTimeError)) || errors.As(err, new(*luabind.MemoryError)) {
				scope.Fail(err)
			} else {
				scope.Fail(vm.ScriptError(err))
			}
		}
		return &sandbox.Action{Reply: "451 4.3.0 the rule has failed"}
	}
}

// Limits on the contents of a rule.
const (
	maxActions  = 10_000
	maxSequence = 10 // nested sequences
)

// readActions parses the possible actions.
func readActions(vm *luabind.VM, v lua.LValue) ([]sandbox.Action, error) {
	var out []sandbox.Action
	err := appendActions(vm, &out, v, 0)
	return out, err
}

// appendActions is readActions for a part, at a depth of nested sequences.
func appendActions(vm *luabind.VM, out *[]sandbox.Action, v lua.LValue, depth int) error {
	//mutant:actions-of-a-rule-are-bounded is "|| depth > maxSequence " ""
	if len(*out) >= maxActions || depth > maxSequence {
		return luabind.UsageError("on: an action has more than %d replies, or %d sequences inside each other", maxActions, maxSequence)
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		text, err := ReadReply(v)
		*out = append(*out, sandbox.Action{Reply: text})
		return err
	}
	t, list := splitAction(t)
	if err := vm.Library().CheckKeys("on", ActionOpts.Name, t); err != nil {
		return err
	}
	if list != nil {
		if t.RawGetString("reply") != lua.LNil || t.RawGetString("sequence") != lua.LNil {
			return luabind.UsageError("on: a list is a reply, so reply and sequence cannot be added to it")
		}
		t.RawSetString("reply", list)
	}
	if seq, ok := t.RawGetString("sequence").(*lua.LTable); ok {
		if seq.Len() == 0 {
			return luabind.UsageError("on: the sequence is empty")
		}
		for i := 1; i <= seq.Len(); i++ {
			if err := appendActions(vm, out, seq.RawGetInt(i), depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	a, err := readAction(t)
	*out = append(*out, a)
	return err
}

// splitAction parts an action such as {451, "4.7.1 later", delay = "5s"}: the reply, nil if there
// is none, and the other keys.
func splitAction(t *lua.LTable) (keys, list *lua.LTable) {
	if t.Len() == 0 {
		return t, nil
	}
	keys, list = &lua.LTable{Metatable: lua.LNil}, &lua.LTable{Metatable: lua.LNil}
	luabind.InOrder(t, func(k, v lua.LValue) {
		if n, ok := k.(lua.LNumber); ok {
			list.RawSetInt(int(n), v)
			return
		}
		keys.RawSet(k, v)
	})
	return keys, list
}

func readAction(t *lua.LTable) (sandbox.Action, error) {
	get := t.RawGetString
	a := sandbox.Action{
		Drop: lua.LVAsString(get("drop")), Reset: lua.LVAsBool(get("reset")),
		Cert: lua.LVAsString(get("cert")), CutTLS: lua.LVAsBool(get("cut_tls")),
	}
	if a.Reset && a.Drop == "" {
		a.Drop = "before"
	}
	for key, d := range map[string]*time.Duration{"delay": &a.Delay, "drip": &a.Drip, "stall": &a.Stall} {
		if v := get(key); v != lua.LNil {
			n, err := luabind.ToDuration(key, v)
			if err != nil {
				return a, err
			}
			*d = n
		}
	}
	for key, list := range map[string]*[]string{"with": &a.With, "without": &a.Without} {
		var err error
		if *list, err = luabind.ReadStrings(key, get(key)); err != nil {
			return a, err
		}
	}
	if v, ok := get("raw").(lua.LString); ok {
		a.Raw = []byte(v)
	}
	if v := get("reply"); v != lua.LNil {
		text, err := ReadReply(v)
		if err != nil {
			return a, err
		}
		a.Reply = text
	}
	return a, nil
}

// ReadReply makes a reply of 451, "451 4.7.1 later" or {451, "4.7.1 later"}.
func ReadReply(v lua.LValue) (string, error) {
	switch v := v.(type) {
	case lua.LNumber:
		text := ""
		if st, ok := reply.LookupStatus(int(v)); ok {
			text = " " + st.Name
		}
		return fmt.Sprintf("%03d%s", int(v), text), nil
	case lua.LString:
		if len(v) < 3 {
			return "", luabind.UsageError("on: %q is not a reply", string(v))
		}
		return string(v), nil
	case *lua.LTable:
		code, ok := v.RawGetInt(1).(lua.LNumber)
		if !ok {
			return "", luabind.UsageError("on: a reply is {code, text}, as in {451, \"4.7.1 later\"}; the code is %s",
				luabind.TypeName(v.RawGetInt(1)))
		}
		if v.Len() == 1 {
			return ReadReply(code)
		}
		var lines []string
		for i := 2; i <= v.Len(); i++ {
			sep := "-"
			if i == v.Len() {
				sep = " "
			}
			lines = append(lines, fmt.Sprintf("%03d%s%s", int(code), sep, v.RawGetInt(i).String()))
		}
		return strings.Join(lines, "\n"), nil
	}
	return "", luabind.UsageError("on: want a code, a reply or a table, got %s", luabind.TypeName(v))
}
