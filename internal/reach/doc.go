// Package reach says what a script or dialogue may reach on this machine next to the files
// of its own folder. What it is about is in docs/security.md.
package reach
