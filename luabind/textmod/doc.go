// Package textmod is the Lua module for texts: lines, encodings, and regular expressions
// that end with the script. Lua's own patterns are in package luabind. Begin with [Module].
package textmod
