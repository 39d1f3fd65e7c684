package readfile

import (
	"errors"
	"fmt"
	"io/fs"
)

// Rule describes what a place accepts.
type Rule struct {
	// Limit is the largest size in bytes. For a larger file the error is a [*SizeError],
	// and it is not read further.
	Limit int64
	// Streams also accepts pipes, FIFOs and devices. It is for names that a user types on
	// the command line, where <(COMMAND) is useful. Without it they are a [*KindError] and
	// are not read.
	Streams bool
}

// check returns an error for a kind of file that the rule does not accept.
func (r Rule) check(name string, info fs.FileInfo) error {
	mode := info.Mode()
	switch {
	case mode.IsRegular():
		if info.Size() > r.Limit {
			return &SizeError{name, r.Limit}
		}
		return nil
	//mutant:what-is-no-file-is-not-read-where-only-files-are is "r.Streams && " ""
	case r.Streams && mode&(fs.ModeNamedPipe|fs.ModeCharDevice) != 0:
		return nil
	}
	return &KindError{name, mode}
}

// KindError is the error for a name that is not a regular file where only these are
// accepted.
type KindError struct {
	Name string
	Mode fs.FileMode
}

// Error names the file and its kind.
func (e *KindError) Error() string {
	if e.Mode.IsDir() {
		return e.Name + " is a directory"
	}
	return fmt.Sprintf("%s is not a regular file: it is %s", e.Name, kind(e.Mode))
}

// kind returns the name of a kind of file, except regular files and folders.
func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "of another kind"
}

// SizeError is the error for a file that is larger than the limit.
type SizeError struct {
	Name  string
	Limit int64 // in octets
}

// Error names the file and the limit.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s is larger than %d bytes", e.Name, e.Limit)
}

// errChanged is the error for a name that became a FIFO between two checks.
var errChanged = errors.New("it was replaced while it was being opened")
