// Command smtpsh holds SMTP conversations: at a prompt, from Lua scripts, and as
// a server to talk to. See the README.
package main

import (
	"os"

	"smtpsh/internal/cli"
)

func main() { os.Exit(cli.Main(cli.System())) }
