// Package varsmod is the Lua module for variables and secrets of the user. A secret is an
// object that prints as a mask. Begin with [Module].
package varsmod
