package varsmod

import "smtpsh/luabind"

var varsTouches = []luabind.Touch{
	{
		Functions: []string{"vars.get", "vars.secret"},
		What: "variables and secrets that the user gives; a secret can be asked for on the terminal or be the output of a program, as " +
			"the user has said with --secret",
		Limit: "a script cannot read back a secret; it can send one to any server",
		Test:  "TestSecretsThatScriptsShow",
	},
}
