package testrun

import (
	"context"
	"math/rand/v2"
)

// Source reads the tests in files of one kind.
type Source interface {
	// Named reports whether a file found in a folder has tests of this kind, by its name.
	Named(name string) bool
	// Recognises reports whether a file given by the user is of this kind.
	Recognises(name string, src []byte) bool
	// Open loads a file. The error is a [*FileError], or the cause of ctx.
	Open(ctx context.Context, f *File) (Suite, error)
}

// Suite is the tests of a file.
type Suite interface {
	// Tests returns the tests in the order of the file.
	Tests() []*Test
	// Shuffle puts the groups, and the tests of each group, in random order.
	Shuffle(rng *rand.Rand)
	// Run runs tests in the given order with [RunOptions.Attempts], then closes the suite.
	// It returns early if the context ends or Done returns false.
	Run(ctx context.Context, tests []*Test, o RunOptions)
	// Discard closes a suite that does not run.
	Discard()
}

// FileError reports a test file that could not be loaded.
type FileError struct {
	Text    string // what is wrong, with the place
	Source  string // the source line with the error; "" if unknown
	Hint    string
	Missing bool // a variable has no value
	Err     error
}

// Error returns the text.
func (e *FileError) Error() string { return e.Text }

// Unwrap returns the error of the source.
func (e *FileError) Unwrap() error { return e.Err }

// of returns the source that recognises a file.
func of(sources []Source, name string, src []byte) Source {
	for _, s := range sources {
		if s.Recognises(name, src) {
			return s
		}
	}
	return nil
}
