package varsmod

import "smtpsh/luabind"

var varsTouches = []luabind.Touch{
	{
		Functions: []string{"vars.get", "vars.secret"},
		What:      "variables and secrets of the user; a secret can be requested on the terminal or be the output of a program (--secret)",
		Limit:     "a script cannot read a secret, but it can send one to any server",
		Test:      "TestSecretsThatScriptsShow",
	},
}
