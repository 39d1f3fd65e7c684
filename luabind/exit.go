package luabind

import (
	"context"
	"errors"

	"smtpsh/internal/exit"
)

// What the errors of this package say of the exit status (exit.Stater) and of what to
// try (advice.Hinter).

// ExitStatus is that of the error object: a script that is wrong, an expectation that
// was not met, a refusal, or what became of the connection.
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

// untriedStatus is that of a script that could not find anything out: that of the
// reason, or else that of a check which failed.
func (e *ErrorValue) untriedStatus() int {
	if status, ok := exit.OfKind(e.Because); ok && e.Because != "usage" {
		return status
	}
	if status, ok := e.detailStatus(); ok {
		return status
	}
	return exit.Failed
}

// detailStatus is the status that a module knows of, false for none.
func (e *ErrorValue) detailStatus() (status int, ok bool) {
	if d, known := e.Details.(interface{ ExitStatus() (int, bool) }); known {
		return d.ExitStatus()
	}
	return 0, false
}

// Hint is the error object's.
func (e *ScriptError) Hint() string {
	if e.Value == nil {
		return ""
	}
	return e.Value.Hint
}

// ExitStatus is that of a script that is wrong.
func (e *MemoryError) ExitStatus() int { return exit.Script }

// Hint says how to use less, or to allow more.
func (e *MemoryError) Hint() string {
	return "build large texts in pieces or send them from a file, or raise the limit with --max-memory"
}

// ExitStatus is that of a script that is wrong.
func (e *LuaTimeError) ExitStatus() int { return exit.Script }

// Hint says what to look for, or how to allow more.
func (e *LuaTimeError) Hint() string {
	return "check for an endless loop, or raise the limit with --max-lua"
}

// ExitStatus is that of the cause, or else of a script that is wrong.
func (e *StuckError) ExitStatus() int {
	switch {
	case errors.Is(e.Cause, context.Canceled):
		return exit.Interrupted
	case errors.Is(e.Cause, context.DeadlineExceeded):
		return exit.Lost
	}
	return exit.Stated(e.Cause, exit.Script)
}

// Hint says what the end has left undone.
func (e *StuckError) Hint() string {
	return "the program was stopped: reports are missing, and nothing was cleaned up"
}
