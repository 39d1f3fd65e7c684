package luabind

import "sync"

// All is the library of all modules.
var All = sync.OnceValue(func() *Library {
	return NewLibrary(SMTPModule, TaskModule, ServerModule, MailModule, IMAPModule, VarsModule, ExecModule, TextModule, JSONModule, TestModule, LessonModule)
})
