// Package netrc finds logins in a file such as ~/.netrc, which ftp, curl and swaks read too.
// Begin with [Find].
package netrc
