package luabind

import "slices"

// TaskModule is the module of this package.
var TaskModule = &Module{
	Name: "task", Doc: "Tasks: functions that run beside each other.",
	Funcs:   slices.Concat(parallelFuncs, histFuncs, taskFuncs),
	Classes: []Class{resultsClass, histClass, taskClass},
	Options: []Class{parallelOpts},
}
