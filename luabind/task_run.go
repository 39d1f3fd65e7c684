package luabind

import "context"

// taskRun is one task while it runs. Contexts carry it, so that a session knows which
// tasks have used it. The lock guards its fields.
type taskRun struct{ over bool }

type taskKey struct{}

// taskOf is the task whose context this is; nil outside tasks.
func taskOf(ctx context.Context) *taskRun {
	t, _ := ctx.Value(taskKey{}).(*taskRun)
	return t
}

// beginTask returns the context of a task that begins, and what notes its end. Both the
// call and that function need the lock.
func beginTask(ctx context.Context) (context.Context, func()) {
	t := new(taskRun)
	return context.WithValue(ctx, taskKey{}, t), func() { t.over = true }
}
