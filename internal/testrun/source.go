package testrun

import (
	"context"
	"math/rand/v2"
)

// Source finds tests in files of one kind.
type Source interface {
	// Named reports whether a file of that name, in a folder that is searched, has tests of
	// this kind.
	Named(name string) bool
	// Recognises reports whether a file that was named is of this kind.
	Recognises(name string, src []byte) bool
	// Open reads a file. The error is a [*FileError], or the cause that ended ctx.
	Open(ctx context.Context, f *File) (Suite, error)
}

// Suite is the tests of a file.
type Suite interface {
	// Tests returns the tests in the order of the file.
	Tests() []*Test
	// Shuffle puts the tests of each group, and the groups, in another order.
	Shuffle(rng *rand.Rand)
	// Run runs tests in the given order, each by way of [RunOptions.Attempts], and then
	// closes the suite. It returns early when the context ends, or when Done says so.
	Run(ctx context.Context, tests []*Test, o RunOptions)
	// Discard closes a suite that is not run.
	Discard()
}

// FileError is a file that could not be read as tests.
type FileError struct {
	Text    string // what is wrong, with the place
	Source  string // the line that is wrong; "" when it is not known
	Hint    string
	Missing bool // a variable has no value
	Err     error
}

// Error is what is wrong.
func (e *FileError) Error() string { return e.Text }

// Unwrap gives the error of the source.
func (e *FileError) Unwrap() error { return e.Err }

// of finds the source of a file.
func of(sources []Source, name string, src []byte) Source {
	for _, s := range sources {
		if s.Recognises(name, src) {
			return s
		}
	}
	return nil
}
