//go:build unix

package redteam_test

import (
	"os"
	"syscall"
)

var signals = map[string]os.Signal{
	"KILL": syscall.SIGKILL, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT, "TERM": syscall.SIGTERM, "INT": syscall.SIGINT,
}
