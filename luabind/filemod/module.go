package filemod

import "smtpsh/luabind"

// Module is the module for files to send.
var Module = &luabind.Module{
	Name: "file", Doc: "Files to send, which are read piece by piece.",
	Funcs:   append(openFuncs, fileFuncs...),
	Classes: []luabind.Class{fileClass},
	Touches: fileTouches, New: func(*luabind.VM) any { return &opened{} },
}

var fileTouches = []luabind.Touch{
	{
		Functions: []string{"file.open"},
		What:      "files in the script's folder, read",
		Limit:     "no links out of the folder, regular files, at most 100 open at once; none in check",
		Test:      "TestFilesOfScripts",
		Files:     []string{"file.go"},
	},
}
