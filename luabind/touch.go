package luabind

// Touch is one way in which a script reaches the machine that it runs on, or the network.
type Touch struct {
	Functions []string // as scripts write them: "smtp.connect", "session:data"
	What      string   // what they reach
	Limit     string   // what limits them without --unsafe
	Test      string   // the test that holds them to it
	Files     []string // of this package, which import what it takes
}

// Touches returns all the ways. A test wants that no other file of the package imports
// what reaches files, sockets, programs or the environment.
func Touches() []Touch {
	return []Touch{
		{
			[]string{"smtp.connect", "smtp.open", "smtp.send", "session:again", "session:play"}, "TCP connections to any host, and bytes of the script's choice; unix sockets",
			"unix sockets only in the script's folder, as the server of the command line, or with --allow-unix; load contacts only hosts that the user has named, check contacts none", "TestReach, TestControl",
			[]string{"reach.go"},
		},
		{
			[]string{"imap.open"}, "TCP connections to any host, to read mailboxes by IMAP",
			"load contacts only hosts that the user has named; the password is sent over verified TLS only", "TestControl",
			[]string{"imap.go"},
		},
		{
			[]string{"smtp.listen"}, "TCP ports and unix sockets to listen on",
			"loopback addresses, and sockets in the script's folder; others with --allow-listen and --allow-unix", "TestReach",
			[]string{"listen.go", "server.go", "reach.go"},
		},
		{
			[]string{"transcript:save"}, "files in the script's folder, written",
			"new names, or those that the same run has written; no links, no devices, no name that begins with a dot; not at all in check", "TestSaveWritesOverNothing",
			[]string{"savefile.go"},
		},
		{
			[]string{"require"}, "Lua files in the script's folder, read and run", "no links out of the folder, regular files of at most 1 MiB", "TestModulesOfTheFolder",
			[]string{"libs.go"},
		},
		{
			[]string{"dialogues (.smtp)"}, "files in the dialogue's folder, read for :include", "no links out of the folder", "TestDialoguesOfTheFolder",
			[]string{"play_file.go"},
		},
		{
			[]string{"smtp.connect", "smtp.open", "smtp.send", "imap.open"}, "authorities in PEM form in the script's folder, read for the option ca",
			"no links out of the folder, regular files of at most 16 MiB; what is read is shown nowhere", "TestAuthoritiesOfScripts",
			[]string{"options.go", "pemfile.go"},
		},
		{
			[]string{"os.getenv"}, "variables of the environment", "those that begin with SMTPSH_VAR_, and those named with --env", "TestReach",
			[]string{"reach.go"},
		},
		{
			[]string{"vars.get", "vars.secret"}, "variables and secrets that the user gives; a secret can be asked for on the terminal or be the output of a program, as the user has said with --secret",
			"a script cannot read back a secret; it can send one to any server", "TestSecretsThatScriptsShow",
			nil,
		},
		{
			[]string{"exec.start"}, "programs", "only in a test with exec = true", "TestServerMistakes",
			[]string{"exec.go", "exec_unix.go", "exec_other.go"},
		},
		{
			[]string{"print"}, "standard output", "secrets are masked, and control characters on a terminal; 16 MiB in one call", "TestSecretsThatScriptsShow",
			nil,
		},
		{
			[]string{"os.time", "os.date", "os.clock"}, "the clock, and the time zone", "nothing", "TestTheLargestArguments",
			nil,
		},
	}
}
