package smtpmod

import "smtpsh/luabind"

var smtpTouches = []luabind.Touch{
	{
		Functions: []string{"smtp.connect", "smtp.open", "smtp.send", "session:again", "session:play"},
		What:      "TCP connections to any host, with any bytes; unix sockets; programs (pipe:COMMAND)",
		Limit: "unix sockets only in the script's folder, as the target of the command line, or with --allow-unix; programs only as the " +
			"target of the command line, or in a test with exec = true; load contacts " +
			"only hosts that the user named, check contacts none",
		Test: "TestReach, TestControl",
	},
	{
		Functions: []string{"transcript:save"},
		What:      "files in the script's folder, which are written",
		Limit:     "only new files, or those that the same run has written; no links, no devices, no name that begins with a dot; none in check",
		Test:      "TestSaveWritesOverNothing",
		Files:     []string{"savefile.go"},
	},
	{
		Functions: []string{"dialogues (.smtp)"},
		What:      "files in the dialogue's folder, read for :include",
		Limit:     "no links out of the folder",
		Test:      "TestDialoguesOfTheFolder",
	},
	{
		Functions: []string{"smtp.connect", "smtp.open", "smtp.send", "imap.open"},
		What:      "CA certificates in PEM format in the script's folder, read for the option ca",
		Limit:     "no links out of the folder, regular files of at most 16 MiB; the content is never shown",
		Test:      "TestCAsOfScripts",
		Files:     []string{"options.go", "pemfile.go"},
	},
}
