// Package textmod is the Lua module of texts: lines, encodings, regular expressions that
// end with the script. Patterns of Lua itself are in package luabind.
package textmod
