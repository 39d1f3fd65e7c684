package cli

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/pflag"

	"smtpsh/internal/sandbox"
)

// Limits of the flags, in MiB.
const (
	serverMemory = 256
	ruleMemory   = 256 // in addition, for --script
	leastMemory  = 16
	serverDisk   = 1024
	mostMiB      = 1 << 30 // more is a typing error and would overflow the number of bytes
)

// spillSize is the number of bytes of a message that stay in memory. Larger messages go to
// files.
const spillSize = 256 << 10

// registerLimits defines the flags that limit the memory that clients can use.
func (f *sandboxFlags) registerLimits(flags *pflag.FlagSet) {
	d := sandbox.DefaultLimits()
	flags.Int64Var(&f.memory, "max-memory", serverMemory,
		fmt.Sprintf("use at most `MIB` for messages, connections and commands (default %d): then the oldest messages are dropped, and new "+
			"ones get 452",
			serverMemory))
	flags.Int64Var(&f.disk, "max-disk", serverDisk,
		fmt.Sprintf("use at most `MIB` of temporary files for messages over 256 KiB (default %d)", serverDisk))
	count := func(n *int, name string, value int, text string) {
		flags.IntVar(n, name, value, fmt.Sprintf("%s (default %d); 0 for no limit", text, value))
	}
	count(&f.limits.Conns, "max-connections", d.Conns, "allow at most `N` connections from other machines at once")
	count(&f.limits.ConnsPerClient, "max-connections-per-client", d.ConnsPerClient, "allow at most `N` connections from one address at once")
	count(&f.limits.Commands, "max-commands", d.Commands,
		"answer at most `N` commands a second from other machines; a burst may have ten times as many")
	count(&f.limits.CommandsPerClient, "max-commands-per-client", d.CommandsPerClient,
		"answer at most `N` commands a second from one address; a burst may have ten times as many")
	count(&f.limits.Logins, "max-logins", d.Logins, "allow at most `N` failed logins a minute from other machines; further ones get 454")
	count(&f.limits.LoginsPerClient, "max-logins-per-client", d.LoginsPerClient,
		"allow at most `N` failed logins a minute from one address; further ones get 454")
	flags.BoolVar(&f.limits.Loopback, "limit-loopback", false, "apply the --max limits for clients to clients on this machine too")
}

// checkLimits returns an error for limits that make no sense.
func (f *sandboxFlags) checkLimits() error {
	wrong := func(name, why, hint string) error {
		return &usageError{err: fmt.Errorf("--%s: %s", name, why), hint: hint}
	}
	if f.memory < leastMemory || f.memory > mostMiB {
		return wrong("max-memory", fmt.Sprintf("%d MiB is out of range", f.memory),
			fmt.Sprintf("give at least %d MiB, or omit it for %d", leastMemory, serverMemory))
	}
	if f.disk < 2 || f.disk > mostMiB {
		return wrong("max-disk", fmt.Sprintf("%d MiB is out of range", f.disk),
			fmt.Sprintf("give at least 2 MiB, or omit it for %d", serverDisk))
	}
	for name, n := range map[string]int{
		"max-connections": f.limits.Conns, "max-connections-per-client": f.limits.ConnsPerClient, "max-commands": f.limits.Commands,
		"max-commands-per-client": f.limits.CommandsPerClient, "max-logins": f.limits.Logins, "max-logins-per-client": f.limits.LoginsPerClient,
	} {
		if n < 0 || n > 1<<30 {
			return wrong(name, fmt.Sprintf("%d is out of range", n), "give the highest number to allow, or 0 for no limit")
		}
	}
	if f.saveSync && f.save == "" {
		return &usageError{err: errors.New("--save-sync requires --save"), hint: "add --save DIR"}
	}
	return nil
}

// options returns the options of the server that the flags set.
func (f *sandboxFlags) options() sandbox.Options {
	return sandbox.Options{
		Profile: f.profile, Listen: f.listen, Names: f.hosts, Memory: f.memory << 20, Disk: f.disk << 20, Spill: spillSize,
		Forget: f.script == "", Limits: f.limits,
	}
}

// boundHeap makes the garbage collector run more often before the program uses much more
// memory than the limit: memory that is not collected yet can add a quarter. Scripts have
// memory in addition. boundHeap returns a function that undoes this.
func boundHeap(mib int64, script bool) func() {
	limit := mib + mib/4 + 16 // the program itself needs as much
	if script {
		limit += defaultMemory
	}
	before := debug.SetMemoryLimit(-1)
	if limit<<20 >= before { // GOMEMLIMIT sets a lower limit
		return func() {}
	}
	debug.SetMemoryLimit(limit << 20)
	return func() { debug.SetMemoryLimit(before) }
}
