// Package luapat matches Lua patterns (Lua 5.1 manual, section 5.4.1, with the frontier %f
// of later versions). Begin with [Find].
//
// The matcher of the Lua library cannot be stopped, copies its input, and fails for long
// subjects. This one works on strings in place, asks a function of the caller every few
// thousand steps whether to continue, and has only Lua's own limit of 32 captures.
package luapat
