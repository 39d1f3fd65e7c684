//go:build unix

package hostile_test

import (
	"os/exec"
	"syscall"
)

// inGroup makes a command and what it starts a group of processes; end ends those that
// are left: a mutant may run for ever when its test has given up.
func inGroup(cmd *exec.Cmd) (end func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() {
		if cmd.Process != nil {
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // there may be none
		}
	}
}
