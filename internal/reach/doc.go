// Package reach decides what a script or dialogue may use on this machine in addition to
// the files of its own folder. docs/security.md describes the rules. Begin with [Reach].
package reach
