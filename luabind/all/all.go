package all

import (
	"sync"

	"smtpsh/luabind"
	"smtpsh/luabind/execmod"
	"smtpsh/luabind/filemod"
	"smtpsh/luabind/imapmod"
	"smtpsh/luabind/jsonmod"
	"smtpsh/luabind/lessonmod"
	"smtpsh/luabind/mailmod"
	"smtpsh/luabind/servermod"
	"smtpsh/luabind/smtpmod"
	"smtpsh/luabind/taskmod"
	"smtpsh/luabind/testmod"
	"smtpsh/luabind/textmod"
	"smtpsh/luabind/varsmod"
)

// Library returns the library of all modules.
var Library = sync.OnceValue(func() *luabind.Library {
	return luabind.NewLibrary(filemod.Module, smtpmod.Module, taskmod.Module, servermod.Module, mailmod.Module, imapmod.Module, varsmod.Module,
		execmod.Module, textmod.Module, jsonmod.Module, testmod.Module, lessonmod.Module)
})
