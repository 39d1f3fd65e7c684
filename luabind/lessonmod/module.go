package lessonmod

import "smtpsh/luabind"

// Module is the Lua module for lessons.
var Module = &luabind.Module{
	Name: "lesson", Doc: "Lessons of the course.",
	Funcs:   lessonFuncs,
	Options: []luabind.Class{lessonOpts, stepOpts, atOpts},
	New:     func(*luabind.VM) any { return &lessonState{} },
}
