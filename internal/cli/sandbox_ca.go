package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"smtpsh/internal/nearby"
	"smtpsh/internal/wholefile"
)

// writeCA writes the certificate of the CA for other programs: to the file that the user
// named, or else into a folder that only this user can read.
func (a *app) writeCA(file string, pem []byte) (path string, remove func(), err error) {
	if file != "" {
		//mutant:the-authority-goes-through-no-link is "ReplaceOwn" "Replace"
		if err := wholefile.ReplaceOwn(file, pem, 0o644); err != nil {
			return "", nil, &usageError{err: fmt.Errorf("--ca-file: %w", err), hint: "name a writable file, in a folder of your own"}
		}
		return file, func() {}, nil
	}
	if dir := a.stateFile("sandboxes"); dir != "" {
		if path, remove, err = nearby.Place(dir, "ca", pem); err == nil {
			return path, remove, nil
		}
	}
	// there is no home folder, or files do not show their owner
	dir, err := os.MkdirTemp("", "smtpsh-*") // only for this user, with a random name
	if err == nil {
		path = filepath.Join(dir, "ca.pem")
		if err = os.WriteFile(path, pem, 0o600); err == nil {
			return path, func() { os.RemoveAll(dir) }, nil
		}
		os.RemoveAll(dir) //nolint:errcheck // report the first error
	}
	return "", nil, &usageError{err: fmt.Errorf("the authority cannot be written: %w", err), hint: "name a file with --ca-file"}
}
