package advice

// ways has the form of each way in braces for each surface. An empty text means that the
// surface has no such way.
var ways = map[string][surfaces]string{
	// bytes that are sent unchanged
	"raw":   {Prompt: ":raw", Lua: "s:write", Dialogue: ":write"},
	"typed": {Prompt: "a typed line", Lua: "s:cmd", Dialogue: "a C: line"},
	"line":  {Prompt: ":raw", Lua: "s:cmd or s:write", Dialogue: ":write"},
	"text":  {Prompt: ":send FILE raw", Lua: "s:data(text, {long_lines = true})", Dialogue: ":write"},
	"chunk": {Prompt: ":raw", Lua: "s:bdat(chunk, {long_lines = true})", Dialogue: ":write"},
	"auth":  {CommandLine: "type AUTH at the prompt", Prompt: "type AUTH", Lua: "s:auth_raw", Dialogue: "write C: AUTH"},

	// settings of a connection
	"timeout": {
		CommandLine: "--timeout", Prompt: ":set timeout", Lua: "--timeout or the option timeout", Dialogue: "--timeout or :timeout",
	},
	"family": {
		CommandLine: "-4 or -6", Prompt: "-4 or -6", Lua: "-4, -6 or the option family", Dialogue: "-4 or -6",
	},
	"source": {
		CommandLine: "-6 and --bind", Prompt: "-6 and --bind",
		Lua: "-6 and --bind, or the options family and local_addr", Dialogue: "-6 and --bind",
	},
	"helo": {
		CommandLine: "--helo NAME", Prompt: ":reconnect --helo NAME", Lua: "--helo NAME or the option helo", Dialogue: "--helo NAME",
	},
	"credentials": {
		CommandLine: "use --var user=... and --secret pass=@prompt", Prompt: "use :login", Lua: "use the option auth", Dialogue: "use :login",
	},
	"insecureauth": {
		CommandLine: "--allow-insecure-auth sends them anyway", Prompt: "smtpsh --allow-insecure-auth sends them anyway",
		Lua: "--allow-insecure-auth or the option insecure_auth sends them anyway", Dialogue: "--allow-insecure-auth sends them anyway",
	},

	// settings of TLS
	"ca": {
		CommandLine: "--ca FILE", Prompt: ":reconnect --ca FILE", Lua: "--ca FILE or the option ca", Dialogue: "--ca FILE",
	},
	"capem": {
		CommandLine: "the file of --ca", Prompt: "the file of --ca", Lua: "the file of --ca or of the option ca", Dialogue: "the file of --ca",
	},
	"insecure": {
		CommandLine: "--insecure continues without a check and sends no password",
		Prompt:      ":reconnect --insecure continues without a check and sends no password",
		Lua:         "--insecure or the option verify = false continues without a check and sends no password",
		Dialogue:    "--insecure continues without a check and sends no password",
	},
	"sni": {
		CommandLine: "--sni NAME", Prompt: ":reconnect --sni NAME", Lua: "--sni NAME or the option server_name", Dialogue: "--sni NAME",
	},
	"clientcert": {
		CommandLine: "--cert FILE and --key FILE", Prompt: ":reconnect --cert FILE --key FILE",
		Lua: "--cert FILE and --key FILE", Dialogue: "--cert FILE and --key FILE",
	},
	"certfile": {CommandLine: "--cert", Prompt: "--cert", Lua: "--cert", Dialogue: "--cert"},
	"versions": {
		CommandLine: "--tls-min and --tls-max", Prompt: "--tls-min and --tls-max of :reconnect",
		Lua: "--tls-min and --tls-max, or the options min_tls and max_tls", Dialogue: "--tls-min and --tls-max",
	},
	"tryversions": {
		CommandLine: "--tls-legacy, or --tls-max 1.2", Prompt: ":reconnect --tls-min 1.0, or --tls-max 1.2",
		Lua: "--tls-legacy, --tls-max 1.2, or the options ciphers, min_tls and max_tls", Dialogue: "--tls-legacy, or --tls-max 1.2",
	},
}
