package cli

// The name of the file with logins, and whether its permissions are checked.
const (
	netrcName   = "_netrc"
	checksModes = false
)
