package luabind

import (
	"context"
	"slices"
)

// taskRun is one task while it runs. Contexts carry it, so that a session knows which
// tasks have used it. The turn guards its fields.
type taskRun struct{ over bool }

type taskKey struct{}

// taskOf is the task whose context this is; nil outside tasks.
func taskOf(ctx context.Context) *taskRun {
	t, _ := ctx.Value(taskKey{}).(*taskRun)
	return t
}

// beginTask returns the context of a task that begins, and what notes its end. Both the
// call and that function need the turn.
func beginTask(ctx context.Context) (context.Context, func()) {
	t := new(taskRun)
	return context.WithValue(ctx, taskKey{}, t), func() { t.over = true }
}

// usedIn notes that the task of a context uses the session. The turn must be held.
func (x *Session) usedIn(ctx context.Context) {
	t := taskOf(ctx)
	if t == nil || slices.Contains(x.tasks, t) {
		return
	}
	x.tasks = append(slices.DeleteFunc(x.tasks, func(t *taskRun) bool { return t.over }), t)
}

// inUse reports whether a task that is still running has used the session, apart from
// the one whose context this is. The turn must be held.
func (x *Session) inUse(ctx context.Context) bool {
	self := taskOf(ctx)
	return slices.ContainsFunc(x.tasks, func(t *taskRun) bool { return !t.over && t != self })
}
