package execmod

import "smtpsh/luabind"

var execTouches = []luabind.Touch{
	{
		Functions: []string{"exec.start"},
		What:      "programs",
		Limit:     "only in a test with exec = true",
		Test:      "TestServerMistakes",
		Files:     []string{"exec.go", "exec_unix.go", "exec_other.go"},
	},
}
