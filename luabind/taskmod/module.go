package taskmod

import (
	"slices"

	"smtpsh/luabind"
)

// Module is the module for tasks.
var Module = &luabind.Module{
	Name: "task", Doc: "Tasks: functions that run concurrently.",
	Funcs:   slices.Concat(parallelFuncs, histFuncs, taskFuncs),
	Classes: []luabind.Class{resultsClass, histClass, taskClass},
	Options: []luabind.Class{parallelOpts},
}
