package luabind

import (
	"context"
	"errors"

	"smtpsh/internal/exit"
)

// The exit statuses (exit.Stater) and hints (advice.Hinter) of the errors of this package.

// ExitStatus returns the status of the error object: a wrong script, an expectation that
// was not met, a rejection, or the failure of a connection.
func (e *ScriptError) ExitStatus() int {
	v := e.Value
	if v != nil {
		if status, ok := v.detailStatus(); ok && v.Kind == "reply" && v.Missing == "" && !v.Expect && !v.Untried {
			return status
		}
	}
	switch {
	case v == nil:
		return exit.Script
	case v.Missing != "":
		return exit.Usage
	case v.Expect:
		return exit.Failed
	case v.Untried:
		return v.untriedStatus()
	case v.Kind == "usage" && v.Err == nil:
		return exit.Script
	}
	if status, ok := exit.OfKind(v.Kind); ok {
		return status
	}
	return exit.Script
}

// untriedStatus returns the status of a script without results: that of the reason, or else
// that of a failed check.
func (e *ErrorValue) untriedStatus() int {
	if status, ok := exit.OfKind(e.Because); ok && e.Because != "usage" {
		return status
	}
	if status, ok := e.detailStatus(); ok {
		return status
	}
	return exit.Failed
}

// detailStatus returns the status that a module knows, or false.
func (e *ErrorValue) detailStatus() (status int, ok bool) {
	if d, known := e.Details.(interface{ ExitStatus() (int, bool) }); known {
		return d.ExitStatus()
	}
	return 0, false
}

// Hint returns that of the error object.
func (e *ScriptError) Hint() string {
	if e.Value == nil {
		return ""
	}
	return e.Value.Hint
}

// ExitStatus returns the status of a wrong script.
func (e *MemoryError) ExitStatus() int { return exit.Script }

// Hint returns how to use less, or to allow more.
func (e *MemoryError) Hint() string {
	return "build large texts in pieces or send them from a file, or raise the limit with --max-memory"
}

// ExitStatus returns the status of a wrong script.
func (e *LuaTimeError) ExitStatus() int { return exit.Script }

// Hint returns what to look for, or how to allow more.
func (e *LuaTimeError) Hint() string {
	return "check for an endless loop, or raise the limit with --max-lua"
}

// ExitStatus returns the status of the cause, or else of a wrong script.
func (e *StuckError) ExitStatus() int {
	switch {
	case errors.Is(e.Cause, context.Canceled):
		return exit.Interrupted
	case errors.Is(e.Cause, context.DeadlineExceeded):
		return exit.Lost
	}
	return exit.Stated(e.Cause, exit.Script)
}

// Hint returns what the end has not completed.
func (e *StuckError) Hint() string {
	return "the program was stopped: reports are missing, and nothing was cleaned up"
}
