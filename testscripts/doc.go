// Package testscripts runs the built program as users do: each .txtar file is a script of
// commands with the files that it needs, run by testscript.
package testscripts
