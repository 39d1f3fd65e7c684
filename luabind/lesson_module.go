package luabind

// LessonModule is the module of this package.
var LessonModule = &Module{
	Name: "lesson", Doc: "Lessons of the course.",
	Funcs:   lessonFuncs,
	Options: []Class{lessonOpts, stepOpts, atOpts},
	New:     func(*VM) any { return &lessonState{} },
}
