// Package all is the only list of modules. The program, its tests and its reference pages
// use it. A new module is a folder of its own and a line here. Begin with [Library].
package all
