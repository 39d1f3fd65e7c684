// Package all is the one list of modules. The program, its tests and its reference pages
// use it; a new module is a folder of its own and a line here.
package all
