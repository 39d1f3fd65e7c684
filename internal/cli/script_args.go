package cli

import (
	"fmt"

	"smtpsh/engine/secret"
	"smtpsh/internal/lazyregexp"
	"smtpsh/internal/shellword"
	"smtpsh/luabind"
)

// nameValue matches a variable as it is given; without --var before it, it is an argument.
var nameValue = lazyregexp.New(`^([A-Za-z_][A-Za-z0-9_]*)=`)

// checkArgs returns an error for arguments that were meant for a flag, before a script runs
// without them: it would send its own message to its own recipient. Scripts that use their
// arguments are not affected.
func (a *app) checkArgs(vm *luabind.VM, name string, src []byte, args []string) error {
	if len(args) == 0 || !vm.IgnoresArgs(name, src) {
		return nil
	}
	for _, arg := range args {
		if hint := meantFlag(arg); hint != "" {
			return &usageError{err: fmt.Errorf("%s has no arguments; unexpected %s", name, shownArg(arg)), hint: "did you mean " + hint + "?"}
		}
	}
	return nil
}

// meantFlag returns the flag for which an argument was meant, or "".
func meantFlag(arg string) string {
	if m := nameValue().FindStringSubmatch(arg); m != nil {
		if secret.IsName(m[1]) {
			return "--secret " + m[1] + "=@prompt"
		}
		return "--var " + shellword.Quote(arg)
	}
	if isTarget(arg) {
		return "--server " + shellword.Quote(arg)
	}
	return ""
}

// shownArg returns an argument for an error text. It hides what can be a password.
func shownArg(arg string) string {
	if m := nameValue().FindStringSubmatch(arg); m != nil && secret.IsName(m[1]) {
		return m[1] + "=..."
	}
	return arg
}

// unusedArgs prints warnings for arguments that a script did not use, as unused does for
// variables.
func (a *app) unusedArgs(vm *luabind.VM, args []string) {
	for _, arg := range vm.UnusedArgs(args) {
		words := ""
		if hint := meantFlag(arg); hint != "" {
			words = "; did you mean " + hint + "?"
		}
		fmt.Fprintf(a.Stderr, "smtpsh: warning: the argument %s was never used%s\n", brief(shownArg(arg)), brief(words))
	}
}
