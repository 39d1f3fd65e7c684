//go:build !windows

package cli

// The name of the file with logins, and whether its permissions are checked.
const (
	netrcName   = ".netrc"
	checksModes = true
)
