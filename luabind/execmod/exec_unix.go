//go:build unix

package execmod

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the program the leader of a process group, so that its child processes can
// be ended with it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(cmd *exec.Cmd) {
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) //nolint:errcheck // it may be gone
}
