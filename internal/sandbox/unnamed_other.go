//go:build !linux

package sandbox

import (
	"errors"
	"os"
)

// unnamed is for systems that have files without a name from the beginning.
func unnamed(string) (*os.File, error) { return nil, errors.ErrUnsupported }
