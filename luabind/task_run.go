package luabind

import "context"

// TaskRun is one running task. Contexts carry it, so that a session knows which tasks have
// used it. The lock guards its fields.
type TaskRun struct{ Over bool }

type taskKey struct{}

// TaskOf returns the task of a context; nil outside of tasks.
func TaskOf(ctx context.Context) *TaskRun {
	t, _ := ctx.Value(taskKey{}).(*TaskRun)
	return t
}

// BeginTask returns the context of a new task, and a function that records its end. Both
// need the lock.
func BeginTask(ctx context.Context) (context.Context, func()) {
	t := new(TaskRun)
	return context.WithValue(ctx, taskKey{}, t), func() { t.Over = true }
}
