package luabind

// Touch is one way in which a script uses its machine or the network.
type Touch struct {
	Functions []string // as scripts write them: "smtp.connect", "session:data"
	What      string   // what they use
	Limit     string   // what limits them without --unsafe
	Test      string   // the test of this limit
	Files     []string // of the module's package, with the imports that are needed
}

// baseTouches are those of the functions of this package. A test checks that no other file
// imports packages for files, sockets, programs or the environment.
var baseTouches = []Touch{
	{
		Functions: []string{"require"},
		What:      "Lua files in the script's folder, which are read and run",
		Limit:     "no links out of the folder, regular files of at most 1 MiB",
		Test:      "TestModulesOfTheFolder",
		Files:     []string{"libs.go"},
	},
	{
		Functions: []string{"os.getenv"},
		What:      "environment variables",
		Limit:     "only those that begin with SMTPSH_VAR_ or are named with --env",
		Test:      "TestReach",
		Files:     []string{"reach.go"},
	},
	{
		Functions: []string{"print"},
		What:      "standard output",
		Limit:     "secrets are masked, control characters are escaped on a terminal; at most 16 MiB in one call",
		Test:      "TestSecretsThatScriptsShow",
	},
	{
		Functions: []string{"os.time", "os.date", "os.clock"},
		What:      "the clock, and the time zone",
		Limit:     "nothing",
		Test:      "TestTheLargestArguments",
	},
}
