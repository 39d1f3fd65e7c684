//go:build unix

package hostile_test

import (
	"os/exec"
	"syscall"
)

// inGroup puts a command and its child processes into a process group; end ends those that
// are left. A mutant can run for ever after its test has given up.
func inGroup(cmd *exec.Cmd) (end func()) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() {
		if cmd.Process != nil {
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // the group can be empty
		}
	}
}
