package luabind

import "context"

// TaskRun is one task while it runs. Contexts carry it, so that a session knows which
// tasks have used it. The lock guards its fields.
type TaskRun struct{ Over bool }

type taskKey struct{}

// TaskOf is the task whose context this is; nil outside tasks.
func TaskOf(ctx context.Context) *TaskRun {
	t, _ := ctx.Value(taskKey{}).(*TaskRun)
	return t
}

// BeginTask returns the context of a task that begins, and what notes its end. Both the
// call and that function need the lock.
func BeginTask(ctx context.Context) (context.Context, func()) {
	t := new(TaskRun)
	return context.WithValue(ctx, taskKey{}, t), func() { t.Over = true }
}
