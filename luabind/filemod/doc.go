// Package filemod is the Lua module for files that a script sends, piece by piece, so that a
// message can be larger than the memory. Begin with [Module].
package filemod
