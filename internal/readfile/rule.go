package readfile

import (
	"errors"
	"fmt"
	"io/fs"
)

// Rule is what a place accepts.
type Rule struct {
	// Limit is the most that is read, in octets. A file that is larger is a
	// [*SizeError] and is not read further.
	Limit int64
	// Streams accepts pipes, FIFOs and devices besides regular files. It is for names
	// that a person types on the command line, where <(COMMAND) is of use. Without it
	// they are a [*KindError], and are not read.
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

// KindError is a name that is not a regular file, where only those are read.
type KindError struct {
	Name string
	Mode fs.FileMode
}

// Error names the file and what it is.
func (e *KindError) Error() string {
	if e.Mode.IsDir() {
		return e.Name + " is a directory"
	}
	return fmt.Sprintf("%s is not a regular file: it is %s", e.Name, kind(e.Mode))
}

// kind names what is not a regular file and no directory.
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

// SizeError is a file that is larger than what is read of it.
type SizeError struct {
	Name  string
	Limit int64 // in octets
}

// Error names the file and the limit.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%s is larger than %d bytes", e.Name, e.Limit)
}

// errChanged is a name that became a FIFO between two looks at it.
var errChanged = errors.New("it was replaced while it was being opened")
