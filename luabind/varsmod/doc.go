// Package varsmod is the Lua module of variables and secrets that the user gives. A secret
// is an object that prints as a mask.
package varsmod
