//go:build !linux

package sandbox

import (
	"errors"
	"os"
)

// unnamed always fails: this system cannot create a file without a name.
func unnamed(string) (*os.File, error) { return nil, errors.ErrUnsupported }
